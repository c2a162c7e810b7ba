"""What the documents name is there: paths, links, anchors, make targets, commands, settings, log lines, SQL."""

from __future__ import annotations

import argparse
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.parser import make_parser
from bot.settings import Settings
from handlers.commands.registry import COMMANDS
from storage.song_states import SongState
from storage.tables.messages import DeliveryState

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")), *DOCS]
MOST_README_LINES = 120
QUESTIONS = 12

TOP = "bot|handlers|pipeline|storage|migrations|tests|bench|generate|docs|samples|lock|\\.ci|\\.github"
PATH = re.compile(rf"(?:{TOP})/[\w./-]*")
FILE = re.compile(
    r"(?:README|CONTRIBUTING|CHANGELOG|SECURITY|LICENSE|Makefile|pyproject\.toml|mkdocs\.yml|\.env\.example)"
)
# Pages on one adapter name its files from its folder on, and say so above the table.
BELOW = {"docs/discord.md": "bot/discord", "docs/telegram.md": "bot/telegram"}
# What others read or define, in capitals as settings are.
OTHERS = re.compile(r"AWS_\w+|TEST_DATABASE_URL|OMP_NUM_THREADS|APPLICATION_ID|UTC_TIMESTAMP")


def by_page(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=by_page)


@every_page
def test_every_path_is_there(page: Path) -> None:
    below = ROOT / BELOW.get(by_page(page), "")
    missing = [path for path in _paths(page) if not (ROOT / path).exists() and not (below / path).exists()]
    assert missing == []


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = []
    for target in _links(page):
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            missing.append(target)
    assert missing == []


@every_page
def test_every_make_target_and_command_is_known(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {name for name in _made(text) if name not in targets} == set()
    assert [words for words in _commands(text) if not _parses(words)] == []
    modules = [name.replace(".", "/") for name in re.findall(r"python -m ((?:bench|generate|bot)[\w.]*)", text)]
    assert [name for name in modules if not ((ROOT / name).is_dir() or (ROOT / f"{name}.py").exists())] == []


@every_page
def test_every_setting_is_one(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", " ".join(_code(page))))
    assert {name for name in named - known if not OTHERS.fullmatch(name)} - _constants() == set()


def test_every_command_of_chats_that_the_pages_name_is_one() -> None:
    known = {command.name for command in COMMANDS} | {"start", "health", "newbot", "commands"}  # the last: any
    named = {name for page in PAGES for name in re.findall(r"`/([a-z]+)[ `]", page.read_text())}
    assert named - known == set()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= MOST_README_LINES


def test_each_of_the_twelve_questions_names_a_file_of_code() -> None:
    section = (ROOT / "docs/development.md").read_text().split("## Find your way")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == QUESTIONS
    for row in rows:
        assert [path for path in re.findall(r"`([\w/]+\.py)`", row) if (ROOT / path).is_file()], row


def test_the_readme_leads_to_every_page() -> None:
    led = {(ROOT / target.partition("#")[0]).resolve() for target in _links(ROOT / "README.md")}
    led |= {page for page in DOCS if page.parent.name == "adr"}  # by their index
    assert [by_page(page) for page in DOCS if page not in led and page.name != "index.md"] == []


def test_the_site_has_every_page_in_its_menu() -> None:
    menu = re.findall(r"^\s*- (?:[^:\n]+: )?([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(menu) == sorted(str(page.relative_to(ROOT / "docs")) for page in DOCS)


def test_the_decisions_are_all_listed() -> None:
    listed = re.findall(r"\(([\w-]+\.md)\)", (ROOT / "docs/adr/index.md").read_text())
    assert listed == sorted(file.name for file in (ROOT / "docs/adr").glob("0*.md"))


@pytest.mark.parametrize(("picture", "states"), [("song-states", SongState), ("message-states", DeliveryState)])
def test_a_picture_of_states_shows_each_of_them(picture: str, states: type[SongState] | type[DeliveryState]) -> None:
    drawn = re.findall(r'font-weight="bold">([a-z]+)<', (ROOT / f"docs/{picture}.svg").read_text())
    assert sorted(drawn) == sorted(states)


def test_every_log_line_of_the_debugging_page_is_logged_there() -> None:
    rows = re.findall(r"^\| `([^`]+)`[^|]*\| `([\w/]+\.py)` \|", (ROOT / "docs/debugging.md").read_text(), re.MULTILINE)
    assert len(rows) > 10
    assert [line for line, file in rows if not _is_logged(line, ROOT / file)] == []


def test_every_statement_of_the_pages_fits_the_tables(tables: Path) -> None:
    statements = [statement for page in PAGES for statement in _statements(page)]
    assert len(statements) > 10
    with sqlite3.connect(tables) as database:
        for statement in statements:
            database.execute(f"EXPLAIN {statement}")


def _text_outside_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def _code(page: Path) -> list[str]:
    """Give what stands in backticks, and the indented blocks."""
    text = _text_outside_blocks(page)
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^    .*$", text, re.MULTILINE)


def _paths(page: Path) -> Iterator[str]:
    """Give every path in backticks: from the root on, or a file of the adapter that the page is about."""
    below = by_page(page) in BELOW
    for word in re.findall(r"`([^`\s]+)`", _text_outside_blocks(page)):
        adapters = below and re.fullmatch(r"[\w/]+\.py", word)
        if (PATH.fullmatch(word) or FILE.fullmatch(word) or adapters) and "*" not in word:
            yield word


def _links(page: Path) -> list[str]:
    """Give the targets of links and pictures that are not on the web."""
    found = re.findall(r"\]\(([^)\s]+)\)", _text_outside_blocks(page))
    return [target for target in found if not re.match(r"https?://|mailto:", target)]


def _anchors(page: Path) -> set[str]:
    """Make anchors as GitHub and the site do: lower case, blanks as hyphens, nothing else but letters and digits."""
    headings = re.findall(r"^#+ (.+)$", _text_outside_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _made(text: str) -> set[str]:
    lines = re.findall(r"`make ([a-z][\w -]*)", text) + re.findall(r"^    make ([a-z][\w -]*)", text, re.MULTILINE)
    return {word for line in lines for word in line.split("  ")[0].split() if re.fullmatch(r"[a-z][\w-]*", word)}


def _commands(text: str) -> Iterator[list[str]]:
    """Give the words after `selfietune`, as far as they choose what is run."""
    for typed in re.findall(r"(?<![\w/-])selfietune ((?:-v |--verbose )?[a-z]+(?: [a-z]+)?)\b", text):
        yield [word for word in typed.split() if not word.startswith("-")]


def _parses(words: list[str]) -> bool:
    """Whether the parser knows the command, and its action where it has some."""
    commands = _choices(make_parser())
    if words[0] not in commands:
        return False
    actions = {*_choices(commands[words[0]]), *_first_choices(commands[words[0]])}
    return len(words) < 2 or not actions or words[1] in actions


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _first_choices(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """Give what the first argument without dashes may be; a command such as `vote ID up` begins with another."""
    first = next((action for action in parser._actions if not action.option_strings), None)
    return tuple(first.choices or ()) if first else ()


def _constants() -> set[str]:
    """Give every constant of the code, which pages may name as well."""
    files = [file for top in ("bot", "handlers", "pipeline", "storage") for file in (ROOT / top).rglob("*.py")]
    return {name for file in files for name in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", file.read_text())}


def _is_logged(line: str, file: Path) -> bool:
    """Whether a format string of the file makes the line."""
    for written in re.findall(r'log\.\w+\(\s*"([^"]+)"', file.read_text()):
        if re.fullmatch(".+".join(re.escape(part) for part in re.split(r"%[a-z]", written)), line):
            return True
    return False


def _statements(page: Path) -> Iterator[str]:
    """Give the SELECTs of a page in SQLite's words."""
    text = page.read_text()
    blocks = re.findall(r"^    (SELECT .*?(?:;|\n\n))", text, re.MULTILINE | re.DOTALL)
    for statement in (*blocks, *re.findall(r"`(SELECT [^`]+)`", text)):
        yield re.sub(r"UTC_TIMESTAMP\(\)( - INTERVAL \d+ \w+)?", "CURRENT_TIMESTAMP", statement)
