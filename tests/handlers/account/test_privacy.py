"""/privacy: a copy of everything, and its removal."""

from __future__ import annotations

import io
import json
import zipfile

from handlers.commands.buttons import press_button
from handlers.intake.consent import accept, has_accepted
from handlers.jobs.sweeper import sweep
from handlers.status_cards.due import due_cards
from storage.media import media_path
from storage.repositories.messages.inbox import NewEvent
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork
from tests.handlers.world import ANN, HERE, PLATFORM, World, menu, photo, pressed, run, said, tokens


async def test_export_holds_everything_and_delete_leaves_nothing(world: World) -> None:
    song_id = await world.finished()
    song = await world.song(song_id)
    late = media_path(song.user_id, song.session_id, "0" * 32, "mp3")
    await accept(ANN, deps=world.deps)
    await press_button(f"1:vote:{song_id}:up", ANN, deps=world.deps, origin=HERE)
    exported = await run(world, "privacy", action="export")
    assert exported.reply is not None
    with zipfile.ZipFile(io.BytesIO(exported.reply.files[0].data)) as packed:
        assert packed.read(f"songs/{song_id}.mp3").startswith(b"ID3")
        data = json.loads(packed.read("data.json"))
    assert data["accounts"] == [{"platform": PLATFORM, "account_id": "1001"}]
    assert data["songs"][0]["yours"]["vote"] == "up"
    await world.selfie(data=photo("sad 0.9"))
    asked = await run(world, "privacy", action="delete")
    assert asked.reply is not None
    assert await has_accepted(ANN, deps=world.deps)
    said(await press_button("1:erase:0:yes", ANN, deps=world.deps, origin=HERE))
    assert await world.files() == ()
    assert world.queue.aborted

    async def nothing(unit: UnitOfWork) -> bool:
        people = await unit.users.find(PLATFORM, "1001")
        return people is None and await unit.songs.get(song_id) is None

    assert await world.deps.read(nothing)
    assert await due_cards(PLATFORM, deps=world.deps) == []
    await world.deps.media.put(late, b"an engine was still at work")
    await sweep(deps=world.deps)
    assert await world.files() == ()
    assert "nothing" in said(await press_button("1:erase:0:yes", ANN, deps=world.deps, origin=HERE))


async def test_privacy_exports_and_asks_before_it_deletes(world: World) -> None:
    song_id = await world.finished()
    export, delete = await menu(world, "privacy")
    copy = await pressed(world, export)
    assert copy.reply is not None
    with zipfile.ZipFile(io.BytesIO(copy.reply.files[0].data)) as packed:
        assert f"songs/{song_id}.mp3" in packed.namelist()
    asked = await pressed(world, delete)
    assert asked.reply is not None
    assert tokens(asked.reply.buttons) == ["1:erase:0:yes", "1:erase:0:no"]
    assert await world.status(song_id) == SongState.DELIVERED


async def test_what_somebody_wrote_and_nobody_handled_goes_with_them(world: World) -> None:
    """Their accounts on every platform count; what others wrote stays, and what comes meanwhile."""
    await accept(ANN, deps=world.deps)

    async def link_account(unit: UnitOfWork) -> None:
        user = await unit.users.find(PLATFORM, ANN.account_id)
        other = await unit.users.find_or_create("paper", "2002", "Ann", world.clock.now())
        assert user is not None
        await unit.account_links.move_all(of=other.id, to=user.id)

    async def store(platform: str, account: str, words: str) -> None:
        async def store_event(unit: UnitOfWork) -> None:
            event = NewEvent(event_key=words, order_key=words, account_id=account, payload=words)
            await unit.inbox.add(platform, [event], now=world.clock.now())

        await world.deps.commit(store_event)

    async def stored(platform: str) -> list[str]:
        found = await world.deps.read(lambda unit: unit.inbox.oldest(platform, busy=(), limit=9))
        return [row.payload for row in found]

    await world.deps.commit(link_account)
    await store(PLATFORM, ANN.account_id, "hers")
    await store("paper", "2002", "hers")
    await store("paper", ANN.account_id, "another person's")
    world.clock.forward(1)
    await store("paper", "2002", "meanwhile")
    said(await press_button("1:erase:0:yes", ANN, deps=world.deps, origin=HERE))
    assert await stored(PLATFORM) == []
    assert await stored("paper") == ["another person's", "meanwhile"]
