"""/queue and /cancel."""

from __future__ import annotations

from handlers.commands.buttons import press_button
from tests.handlers.world import ANN, HERE, World, run, said


async def test_queue_and_cancel(world: World) -> None:
    first, second = await world.selfie(), await world.selfie()
    assert f"#{first}" in said(await run(world, "queue"))
    assert f"#{second}" in said(await run(world, "cancel"))  # which of the two?
    assert "cancelled" in said(await run(world, "cancel", id=str(first)))
    assert "cancelled" in said(await run(world, "cancel"))
    assert await world.files() == ()
    assert said(await press_button(f"1:cancel:{first}:", ANN, deps=world.deps, origin=HERE)).endswith("already.")
