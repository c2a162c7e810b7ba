"""Buttons of strangers, and forged ones."""

from __future__ import annotations

import pytest

from handlers.button_actions import ACTION_NAMES, ActionName
from handlers.commands.buttons import press_button
from handlers.commands.dispatch import run_command
from tests.handlers.feedback.test_vote_buttons import votes
from tests.handlers.world import BOB, HERE, THERE, World, said


async def test_strangers_elsewhere_learn_of_no_song(world: World) -> None:
    song_id = await world.finished()
    for action in (
        "vote",
        "details",
        "rate",
        "again",
        "cancel",
        "retry",
        "resend",
        "arrived",
        "mood",
        "moods",
        "score",
    ):
        value = {"vote": "up", "mood": "sad", "score": "5"}.get(action, "")
        answer = await press_button(f"1:{action}:{song_id}:{value}", BOB, deps=world.deps, origin=THERE)
        assert "no song" in said(answer), action
    assert await votes(world, song_id) == (0, 0)
    assert "seed" in said(await press_button(f"1:details:{song_id}:", BOB, deps=world.deps, origin=HERE))
    assert "no song" in said(await run_command("show", {"id": str(song_id)}, BOB, deps=world.deps, origin=THERE))


FORGED = """x 1:vote:1 2:vote:1:up 1:nosuch:1: 1:vote:9999999999999999999:up 1:cancel:9223372036854775807: 1:vote:0:up
1:cancel:9999999999999999999: 1:mood:1:merry 1:score:1:99 1:history:0:x 1:toggle:0: 1:toggle:0:g.nosuch 1:erase:0:no
1:toggle:0:i.p.99 1:toggle:0:t.999.1 1:toggle:0:l.xx 1:genre:0:nosuch 1:instruments:0:99 1:language:0:xx
1:tempo:0:999.1 1:avoid:0:x 1:forget:0:name 1:history:0:99999999999999999999 <script>"""


@pytest.mark.parametrize("token", ["", "👍" * 40, "1:vote:1:up\n", *FORGED.split()])
async def test_hostile_tokens_get_a_sentence(world: World, token: str) -> None:
    assert said(await press_button(token, BOB, deps=world.deps, origin=HERE))


@pytest.mark.parametrize("name", ACTION_NAMES)
async def test_every_action_is_answered(world: World, name: ActionName) -> None:
    assert said(await press_button(f"1:{name}:0:", BOB, deps=world.deps, origin=HERE))
