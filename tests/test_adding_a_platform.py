"""docs/adding-a-platform.md names what is there, and the third platform stands on nothing but that."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from handlers.button_actions import PATTERN, ButtonAction
from tests.line_chat.adapter import NAME

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-platform.md").read_text()
ADAPTER = ROOT / "tests" / "line_chat" / "adapter.py"
MOST_LINES = 300
ROW = re.compile(r"^\| `([\w/]+\.py)` \| .* \| `(\w+)` \|$", re.MULTILINE)
NAMED = re.compile(r"`(\w+)` (?:is )?in `([\w/]+\.py)`")


def test_the_files_are_those_that_both_adapters_have() -> None:
    both = set.intersection(*(_files(ROOT / "bot" / name) for name in ("discord", "telegram")))
    assert {file for file, _ in ROW.findall(PAGE)} == {file for file in both if not file.endswith("__init__.py")}


def test_the_third_platform_has_each_part() -> None:
    assert {part for _, part in ROW.findall(PAGE)} <= _defined(ADAPTER)


def test_what_is_called_is_where_the_page_says() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 8
    assert [name for name, file in named if name not in _defined(ROOT / file)] == []


def test_the_third_platform_is_small_and_knows_no_other() -> None:
    text = ADAPTER.read_text()
    assert len(text.splitlines()) <= MOST_LINES
    assert not re.search(r"^(?:from|import) (?:bot\.(?:discord|telegram|cli)|discord|telegram)\b", text, re.MULTILINE)


def test_the_third_platform_is_known_to_tests_alone() -> None:
    code = [file for top in ("bot", "handlers", "pipeline", "storage") for file in (ROOT / top).rglob("*.py")]
    assert [file for file in code if re.search(r"line_chat|[\"']lines[\"']", file.read_text())] == []


@pytest.mark.parametrize("name", ["a" * 24, "Ann_1.2-x"])
def test_an_account_id_fits_the_accept_button(name: str) -> None:
    assert NAME.fullmatch(name)
    assert PATTERN.fullmatch(ButtonAction("accept", value=name).encode())


def _files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.py")}


def _defined(file: Path) -> set[str]:
    """Every class and function at the top of a file."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, kinds)}
