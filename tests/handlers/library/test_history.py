"""/history in pages, and the last songs as a menu."""

from __future__ import annotations

from handlers.commands.buttons import press_button
from tests.handlers.world import ANN, BOB, HERE, World, menu, pressed, run, said, tokens


async def test_history_pages_with_votes_and_links(world: World) -> None:
    for _ in range(6):
        last = await world.finished()
    await press_button(f"1:vote:{last}:up", ANN, deps=world.deps, origin=HERE)
    page = await run(world, "history")
    assert "👍" in said(page).splitlines()[0]
    assert "https://chat.example/5" in said(page)
    assert page.reply is not None
    (older,) = tokens(page.reply.buttons)
    assert len(said(await press_button(older, ANN, deps=world.deps, origin=HERE)).splitlines()) == 1
    shown = await run(world, "show", id=str(last))
    assert shown.reply is not None
    assert shown.reply.files[0].data.startswith(b"ID3")


async def test_last_songs_are_offered_to_be_shown_or_taken_again(world: World) -> None:
    assert await menu(world, "show") == []
    song_id = await world.finished()
    await world.selfie()  # not there yet: nothing to show
    (show,), (again,) = await menu(world, "show"), await menu(world, "again")
    shown = await pressed(world, show)
    assert shown.reply is not None
    assert shown.reply.files[0].data.startswith(b"ID3")
    take = await pressed(world, again, key="press-2")
    assert take.song_id is not None
    assert (await world.song(take.song_id)).take_of == song_id
    foreign = await press_button(again, BOB, deps=world.deps, origin=HERE)
    assert "Only the person" in said(foreign)
