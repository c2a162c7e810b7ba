"""A third platform needs no change below its adapter: the files that know any platform by name are these."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ("bot", "handlers", "pipeline", "storage", "migrations")
NAMES = re.compile(r"discord|telegram", re.IGNORECASE)

KNOW_A_PLATFORM = {
    "bot/settings.py",  # tokens and addresses
    "bot/cli/run.py",  # starts those that have a token
    "bot/cli/doctor.py",  # says which have one
    "handlers/texts/en_terminal.py",  # what operators read about tokens
    "handlers/texts/zh_terminal.py",
}


def named_in(path: Path) -> bool:
    """Whether the code names a platform; comments and docstrings may give one as an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):  # docstrings are expressions of their own
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return bool(NAMES.search(ast.unparse(tree)))


def test_only_these_files_name_a_platform() -> None:
    files = (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    adapters = (ROOT / "bot" / "discord", ROOT / "bot" / "telegram")
    below = [path for path in files if not any(path.is_relative_to(adapter) for adapter in adapters)]
    assert {str(path.relative_to(ROOT)) for path in below if named_in(path)} == KNOW_A_PLATFORM


def test_an_adapter_is_not_known_to_the_other() -> None:
    for mine, other in (("discord", "telegram"), ("telegram", "discord")):
        for path in (ROOT / "bot" / mine).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not any(other in module.split(".") for module in imported), path
