"""Consent comes before the first photo."""

from __future__ import annotations

from handlers.commands.buttons import press_button
from handlers.intake.consent import accept, greeting, has_accepted
from tests.handlers.world import ANN, BOB, HERE, World, tokens


async def test_consent_is_asked_once(world: World) -> None:
    assert not await has_accepted(ANN, deps=world.deps)
    assert tokens(greeting("zh-TW").buttons) == ["1:accept:0:"]
    await accept(ANN, deps=world.deps)
    assert await has_accepted(ANN, deps=world.deps)
    assert not await has_accepted(BOB, deps=world.deps)


async def test_a_greeting_that_somebody_else_accepts_stays_for_whom_it_greets(world: World) -> None:
    ((button,),) = greeting("en", ANN).buttons
    others = await press_button(button.token, BOB, deps=world.deps, origin=HERE)
    assert not others.edit
    assert await has_accepted(BOB, deps=world.deps)
    assert not await has_accepted(ANN, deps=world.deps)
    assert (await press_button(button.token, ANN, deps=world.deps, origin=HERE)).edit
