"""The house rules that a machine can check: floors and rooms, names, texts, settings, imports without effects."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from handlers.texts import MOODS, TABLES, TERMINAL, terminal_sentence
from handlers.texts.en import chat, commands, errors, music
from handlers.texts.locales import LOCALES
from pipeline.values import EMOTION_LABELS

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "pipeline", "storage", "migrations")
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
INITS = [file for file in MODULES if file.stem == "__init__"]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
WRITTEN = sorted(
    file
    for folder in (*PACKAGES, "tests", "bench", "generate", "docs", "samples", ".ci")
    for file in (ROOT / folder).rglob("*")
    if file.suffix in (".py", ".md", ".toml", ".txt", "") and file.is_file()
) + sorted(file for file in ROOT.glob("*") if file.suffix in (".md", ".toml") or file.name == "Makefile")

# Run by Alembic, by Python, and in DeepFace's own process alone: importing DeepFace makes its folder.
NOT_IMPORTED = {"env", "__init__", "__main__", "face_search"}
ADAPTERS = {"discord", "telegram"}  # the rooms of bot that speak a platform's language
NAME_A_PLATFORM = {
    "bot/setting_groups/chats.py",  # tokens and addresses
    "bot/cli/commands/run.py",  # starts those that have a token
    "bot/cli/commands/doctor.py",  # says which have one
    "bot/cli/optional_libraries.py",  # says how to install their libraries
    *(str(file.relative_to(ROOT)) for file in MODULES if file.match("handlers/texts/*/terminal.py")),  # of tokens
}
MOST_FILES = 16  # beside __init__: what a person takes in at a glance
LARGER = {
    "pipeline/backends/sketch": "an engine is read as a whole, by those who know its field",
    "pipeline/backends/musicgen": "the same",
}
# The same file name in both adapters means the same duty. What only one of them has is here, with the reason.
DISCORD_ALONE = {
    "api_urls.py": "discord.py takes its addresses from class attributes",
    "connection.py": "the gateway connection is lost and made anew; Telegram has requests alone",
    "in_flight.py": "discord.py's events are tasks that nobody waits for when the client closes",
    "interaction_tokens.py": "an interaction is answered by its token, for 15 minutes",
    "rate_limit_fix.py": "works around a trap of discord.py; python-telegram-bot has none like it",
    "incoming/client.py": "discord.py's client; Telegram's is application.py",
    "incoming/command_sync.py": "slash commands are declared to Discord; Telegram's menus are part of bot_profile.py",
    "incoming/gateway_events.py": "messages and reactions; Telegram's are messages.py and reactions.py",
    "incoming/interactions.py": "commands and buttons; Telegram's buttons are callback_queries.py",
    "incoming/missed_messages.py": "the gateway does not send again what came while nobody was connected",
    "incoming/rating_modal.py": "Telegram has no forms",
    "outgoing/buttons.py": "Telegram's are part of markup.py",
    "outgoing/song_embed.py": "Telegram's music player shows the caption",
    "outgoing/views.py": "discord.py's views; Telegram's keyboards are markup.py",
}
TELEGRAM_ALONE = {
    "bot_profile.py": "descriptions and command menus; Discord has a page for the first",
    "incoming/albums.py": "an album is several messages",
    "incoming/application.py": "python-telegram-bot's client; Discord's is client.py",
    "incoming/callback_queries.py": "buttons; Discord's are interactions.py",
    "incoming/context.py": "what every handler of an update has at hand; discord.py's classes hold it themselves",
    "incoming/inbox.py": "Telegram hands out updates until they are acknowledged",
    "incoming/message_entities.py": "commands and mentions are ranges of a text",
    "incoming/messages.py": "Discord's are gateway_events.py",
    "incoming/polling.py": "Discord has the gateway",
    "incoming/reactions.py": "Discord's are gateway_events.py",
    "incoming/responses.py": "Discord's are interactions.py",
    "incoming/webhook.py": "Discord has the gateway",
    "outgoing/flood_control.py": "Telegram leaves its limits to the sender; discord.py keeps to Discord's",
    "outgoing/markup.py": "Discord's are views.py and buttons.py",
    "outgoing/thumbnail.py": "the music player's picture",
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
RAISED = {"BadInput", "EngineFailed", "PipelineError", "Refused", "UserError", "InternalError"}


def test_imports_keep_to_floors_and_rooms() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_a_chat_process_loads_is_light() -> None:
    """Contracts see what is imported by name; this sees what is loaded in the end."""
    script = (
        "import sys, bot.cli.commands.run, bot.workers.arq_worker\n"
        "import bot.discord.service, bot.telegram.service, bot.cli.terminal_chat\n"
        "print([name for name in ('torch', 'audiocraft', 'deepface', 'openai', 'cv2', 'onnxruntime')"
        " if name in sys.modules])"
    )
    assert _python(script) == "[]"


def test_a_third_platform_needs_no_change_below_its_adapter() -> None:
    """Only these files name one of the two there are; comments and docstrings may, as an example."""
    below = [file for file in MODULES if ADAPTERS.isdisjoint(file.relative_to(ROOT).parts)]
    named = {
        str(file.relative_to(ROOT)) for file in below if re.search("discord|telegram", _spoken(file), re.IGNORECASE)
    }
    assert named == NAME_A_PLATFORM


def test_an_adapter_does_not_know_the_other() -> None:
    for mine in ADAPTERS:
        for file in (ROOT / "bot" / mine).rglob("*.py"):
            tree = ast.parse(file.read_text())
            imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not [module for module in imported if (ADAPTERS - {mine}) & set(module.split("."))], file


def test_importing_has_no_effect() -> None:
    """No module reads the environment or a file, starts a thread or a program, when it is imported."""
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in MODULES
        if file.stem not in NOT_IMPORTED and "versions" not in file.parts
    ]
    script = f"""
import importlib, os, sys, threading
from pathlib import Path
root = {str(ROOT)!r}
def outside():
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename.startswith("<frozen"):
        frame = frame.f_back
    return frame and frame.f_code.co_filename.startswith(tuple(f"{{root}}/{{p}}/" for p in {PACKAGES!r}))
def watch(event, args):
    if event in ("open", "socket.connect", "subprocess.Popen", "os.mkdir", "os.system") and outside():
        if event == "open" and str(args[0]).endswith((".py", ".pyc")):
            return
        found.append((event, str(args[0])))
found = []
class Env(dict):
    def _seen(self, key):
        if outside(): found.append(("environ", key))
    def __getitem__(self, key): self._seen(key); return super().__getitem__(key)
    def get(self, key, default=None): self._seen(key); return super().get(key, default)
os.environ = Env(os.environ)
sys.addaudithook(watch)
for name in {names!r}:
    importlib.import_module(name)
print(found, threading.active_count())
"""
    assert _python(script) == "[] 1"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_module_says_what_lives_there(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text())), "no docstring"


@pytest.mark.parametrize("file", INITS, ids=lambda file: str(file.parent.relative_to(ROOT)))
def test_every_package_says_what_lives_there_and_which_file_to_open(file: Path) -> None:
    words = ast.get_docstring(ast.parse(file.read_text())) or ""
    named = re.findall(r"`([\w/]+(?:\.py|/))`", words)
    assert 2 <= len(words.splitlines()) <= 5
    assert [name for name in named if (file.parent / name).exists()], "names none of its files"
    assert [name for name in named if not (file.parent / name).exists() and not (ROOT / name).exists()] == []


def test_no_folder_has_more_files_than_one_takes_in() -> None:
    """Those that have are listed with the reason, and the list holds no others."""
    folders = {file.parent for file in MODULES}
    sizes = {folder: len([file for file in folder.glob("*.py") if file.stem != "__init__"]) for folder in folders}
    assert {str(folder.relative_to(ROOT)) for folder, size in sizes.items() if size > MOST_FILES} == set(LARGER)


def test_adapters_have_the_same_files_for_the_same_duties() -> None:
    """What one has and the other has not is listed with its reason, and the list holds nothing else."""
    discord, telegram = _files_below("bot/discord"), _files_below("bot/telegram")
    assert discord - telegram == set(DISCORD_ALONE)
    assert telegram - discord == set(TELEGRAM_ALONE)


def test_no_file_has_a_vague_name() -> None:
    assert [file for file in (*MODULES, *TESTS) if VAGUE & set(file.relative_to(ROOT).with_suffix("").parts)] == []


def test_only_settings_read_the_environment() -> None:
    readers = [str(file.relative_to(ROOT)) for file in MODULES if re.search(r"\benviron\b|\bgetenv\b", _code(file))]
    assert readers == ["bot/settings.py"]


@pytest.mark.parametrize("locale", [each.tag for each in LOCALES])
def test_every_language_says_everything(locale: str) -> None:
    for tables in (TABLES, TERMINAL):
        english, said = tables["en"], tables[locale]
        assert list(said) == list(english)
        assert {key: _blanks(said[key]) for key in said} == {key: _blanks(english[key]) for key in english}
        assert [key for key in said if not said[key].strip()] == []
    assert set(MOODS[locale]) == set(EMOTION_LABELS)


def test_no_sentence_hides_another() -> None:
    codes = [code for part in (errors, chat, commands, music) for code in part.SENTENCES]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_every_sentence_is_said_somewhere() -> None:
    """Its code stands in some file, or fits an f-string there, as f"stage_{status}" does."""
    known = [pattern for file in MODULES if "texts" not in file.parts for pattern in _words(file)]
    said = re.compile("|".join(sorted({*known}, key=len, reverse=True)))
    written = {*TABLES["en"], *TERMINAL["en"]} - {f"mood_{label}" for label in EMOTION_LABELS} - {"song_title"}
    assert sorted(code for code in written if not said.fullmatch(code)) == []


def test_every_error_has_its_sentence() -> None:
    codes = dict(_errors())
    assert len(codes) > 50  # the search finds what is raised
    assert sorted(set(codes) - set(TABLES["en"]) - set(TERMINAL["en"])) == []


def test_every_sentence_of_an_error_has_its_facts() -> None:
    """Some raise of the code gives every blank of its sentence; a dash would stand there otherwise."""
    missing = {
        code: _blanks(table[code]) - _spelled_out(facts)
        for table in (TABLES["en"], TERMINAL["en"])
        for code, facts in _errors()
        if None not in facts and not _blanks(table.get(code, "")) <= _spelled_out(facts)
    }
    assert missing == {}


def _spelled_out(facts: set[str | None]) -> set[str | None]:
    """Facts as sentences take them: `handlers.responses` says minutes in words, as {wait}."""
    return facts | {"wait"} if "minutes" in facts else facts


def test_the_terminal_names_no_command_of_a_chat() -> None:
    """Where a chat says /mood, the command line says --mood."""
    songs = dict(_errors([file for file in MODULES if "pipeline" in file.parts]))
    assert [code for code in songs if re.search(r"(?<![\w/])/[a-z]+", terminal_sentence("en", code))] == []


def test_the_project_speaks_of_itself_only() -> None:
    places = re.compile(r"/(?:work|root|home)/\w")
    assert [str(file) for file in WRITTEN if places.search(file.read_text(errors="replace"))] == []


def _files_below(folder: str) -> set[str]:
    return {str(file.relative_to(ROOT / folder)) for file in (ROOT / folder).rglob("*.py") if file.stem != "__init__"}


def _python(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _spoken(file: Path) -> str:
    """The file's code with its strings, without comments and docstrings."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return ast.unparse(tree)


def _code(file: Path) -> str:
    """The file's code without its strings and comments."""
    return ast.unparse(_Wordless().visit(ast.parse(file.read_text())))


class _Wordless(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def _words(file: Path) -> Iterator[str]:
    """Give the code words among the file's strings as patterns; a blank of an f-string fits any."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w-]+", node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
            if any(part and re.search("[a-z]{3}", part) and "_" in part for part in parts):
                yield "".join(r"[\w-]+" if part is None else part for part in parts)


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _errors(files: Sequence[Path] = MODULES) -> Iterator[tuple[str, set[str | None]]]:
    """Give every code that is raised somewhere with the names of all facts that come with it; None for **facts."""
    found: dict[str, set[str | None]] = {}
    for file in files:
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            for code in _codes(call):
                names = {keyword.arg for keyword in call.keywords}
                found.setdefault(code, set()).update({None} if "code" in names else names)
    yield from found.items()


def _codes(call: ast.Call) -> list[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    inherited = isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for value in (*(call.args[:1] if name in RAISED or inherited else []), *named):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return [] if " " in value.value else [value.value]
        if isinstance(value, ast.JoinedStr) and ast.unparse(value) == "f'weights_{state.emotion}'":
            return ["weights_missing", "weights_damaged"]
    return []
