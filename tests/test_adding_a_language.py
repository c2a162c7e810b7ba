"""docs/adding-a-language.md is followed on a copy of the code: the new language is spoken everywhere."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from handlers.texts.en import moods
from tests.guide import Guide

TABLES = ("chat", "commands", "errors", "moods", "music", "terminal")
TRIAL = """
import discord
from discord.app_commands import locale_str

from bot.cli.parser import make_parser
from bot.discord.incoming.commands import Translations
from bot.telegram.bot_profile import menu, menu_languages
from tests.handlers.world import World, menu as buttons, run, said


async def test_help_is_answered_in_it(world: World) -> None:
    assert "Português" in str((await run(world, "language")).reply)
    await run(world, "language", language="pt-BR")
    intro, _, *lines = said(await run(world, "help")).splitlines()
    assert intro.startswith("pt:Send me a selfie")
    assert len(lines) > 10
    assert all("pt:" in line for line in lines)
    assert "1:language:0:pt" in await buttons(world, "language")
    assert "pt" in said(await run(world, "language", language="xx"))


async def test_platforms_show_it() -> None:
    assert menu_languages()["pt"] == "pt"
    assert all(each.description.startswith("pt:") for each in menu("pt"))
    what = locale_str("x", code="cmd_help")
    assert (await Translations().translate(what, discord.Locale.brazil_portuguese, None)).startswith("pt:")
    assert await Translations().translate(what, discord.Locale.german, None) is None


def test_the_command_line_takes_it() -> None:
    assert make_parser().parse_args(["listener", "set", "ann", "--locale", "pt"]).locale == "pt"
"""


@pytest.mark.timeout(400)
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    guide = Guide.of("adding-a-language.md", tmp_path)
    guide.run_commands("cp")
    guide.run_commands("sed")
    _translate(tmp_path / "handlers" / "texts" / "pt")
    guide.follow_blocks()
    (tmp_path / "tests" / "handlers" / "test_portuguese.py").write_text(TRIAL)
    tests = ("tests/handlers/test_portuguese.py", "tests/handlers/test_texts.py", "tests/test_house.py")
    guide.python("-m", "pytest", "-q", *tests, "-k", "portuguese or texts or language or platform or docstring")
    assert all(f"`{table}.py`" in guide.page for table in TABLES)


def _translate(folder: Path) -> None:
    """Say every sentence in a language that nobody speaks: English with a mark before it."""
    assert len(moods.MOODS) == 7
    for table in TABLES:
        file = folder / f"{table}.py"
        name = "MOODS" if table == "moods" else "SENTENCES"
        said = {code: f"pt:{text}" for code, text in runpy.run_path(str(file))[name].items()}
        file.write_text(f'"""Portuguese."""\n\n{name} = {said!r}\n')
