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
from pipeline.values import EMOTION_LABELS

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "pipeline", "storage", "migrations")
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
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
    "handlers/texts/en/terminal.py",  # what operators read about tokens
    "handlers/texts/zh/terminal.py",
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


def test_no_file_has_a_vague_name() -> None:
    assert [file for file in (*MODULES, *TESTS) if VAGUE & set(file.relative_to(ROOT).with_suffix("").parts)] == []


def test_only_settings_read_the_environment() -> None:
    readers = [str(file.relative_to(ROOT)) for file in MODULES if re.search(r"\benviron\b|\bgetenv\b", _code(file))]
    assert readers == ["bot/settings.py"]


def test_both_languages_say_everything() -> None:
    for tables in (TABLES, TERMINAL):
        english, chinese = tables["en"], tables["zh"]
        assert list(english) == list(chinese)
        assert {key: _blanks(english[key]) for key in english} == {key: _blanks(chinese[key]) for key in chinese}
        assert [key for key in english if not english[key].strip() or not chinese[key].strip()] == []
    for moods in MOODS.values():
        assert set(moods) == set(EMOTION_LABELS)


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
    """Facts as sentences take them: `handlers.refusing` says minutes in words, as {wait}."""
    return facts | {"wait"} if "minutes" in facts else facts


def test_the_terminal_names_no_command_of_a_chat() -> None:
    """Where a chat says /mood, the command line says --mood."""
    songs = dict(_errors([file for file in MODULES if "pipeline" in file.parts]))
    assert [code for code in songs if re.search(r"(?<![\w/])/[a-z]+", terminal_sentence("en", code))] == []


def test_the_project_speaks_of_itself_only() -> None:
    places = re.compile(r"/(?:work|root|home)/\w")
    assert [str(file) for file in WRITTEN if places.search(file.read_text(errors="replace"))] == []


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
