"""docs/adding-a-genre.md is followed on a copy of the code: the new genre is offered, understood and played."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guide import Guide

TRIAL = """
from handlers.commands.autocomplete import suggest
from handlers.serialization import stored_plan
from pipeline.backends.sketch.arrangement import arrange, style_of
from tests.handlers.world import World, menu, pressed, run, said


async def test_fado_is_offered_and_understood(world: World) -> None:
    assert "1:genre:0:fado" in await menu(world, "genres")
    assert suggest("genre", "fad") == ["fado"]
    assert suggest("genre", "法朵") == ["fado"]
    await pressed(world, "1:genre:0:fado")
    assert "fado" in said(await run(world, "genres", action="show"))
    await run(world, "genres", action="set", words="法朵")


async def test_a_plan_is_made_of_it_and_played(world: World) -> None:
    await run(world, "genres", action="set", words="fado music")
    plans = []
    for _ in range(6):
        song_id = await world.selfie()
        await world.draft()
        plans.append(stored_plan(await world.song(song_id)))
        await world.render(song_id)
        await world.deliver()
    fado = [plan for plan in plans if plan.genre == "fado"]
    assert fado
    for plan in fado:
        assert "fado" in plan.prompt.lower()
        assert style_of(plan).name == "folk"
        assert arrange(plan).tracks
"""


@pytest.mark.timeout(400)
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    guide = Guide.of("adding-a-genre.md", tmp_path)
    guide.follow_blocks()
    (tmp_path / "tests" / "handlers" / "test_fado.py").write_text(TRIAL)
    guide.python("-m", "pytest", "-q", "tests/handlers/test_fado.py")
    (checks,) = [line for line in guide.page.splitlines() if "make test T=" in line]
    guide.python("-m", "pytest", "-q", *checks.split('"')[1].split(), "-k", "sound or fallback or style")
