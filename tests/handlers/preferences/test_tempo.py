"""/tempo: by numbers and by buttons."""

from __future__ import annotations

from tests.handlers.world import World, menu, pressed, said, typed


async def test_a_button_sets_the_range_and_another_clears_it(world: World) -> None:
    assert "1:tempo:0:80.100" in await menu(world, "tempo")
    chosen = await pressed(world, "1:tempo:0:80.100")
    assert chosen.edit
    assert "80 to 100" in said(chosen)
    assert chosen.reply is not None
    assert "✓ 80–100" in [button.label for row in chosen.reply.buttons for button in row]
    assert "any tempo" in said(await pressed(world, "1:tempo:0:any"))
    await typed(world, "tempo", "70-110")
    for forged in ("999.1", "80", "80.100.1", ""):
        await pressed(world, f"1:tempo:0:{forged}")
    assert "70 to 110" in said(await typed(world, "tempo", ""))
