"""The status card: one message a song, edited in place, never faster than the chat allows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from handlers.jobs.draft import draft_song
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork
from tests.bot.telegram.chat_fixture import ChatFixture, NoReader
from tests.telegram_server import Limit, RateLimits


async def rendering(at: ChatFixture, song_id: int, *, upto: float, steps: int = 5) -> None:
    """Let a song's progress move as a music worker's heartbeat does."""
    deps = at.process.deps
    await draft_song(song_id, deps=deps, reader=NoReader(), writer=None)
    stale = deps.clock.now() - timedelta(seconds=30)
    await deps.commit(lambda unit: unit.songs.claim(
        song_id, states=(SongState.QUEUED,), lease="x", now=deps.clock.now(), stale_before=stale
    ))  # fmt: skip
    await deps.commit(lambda unit: unit.songs.advance(
        song_id, lease="x", from_states=(SongState.QUEUED,),
        to=SongState.RENDERING, now=deps.clock.now(), keep_lease=True
    ))  # fmt: skip
    for step in range(1, steps + 1):

        async def beat(unit: UnitOfWork, progress: float = upto * step / steps) -> bool:
            return await unit.songs.beat(song_id, lease="x", now=deps.clock.now(), progress=progress)

        await deps.commit(beat)
        await asyncio.sleep(0.25)


async def test_one_message_moves_and_the_chat_shows_that_a_song_is_coming(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        card = await at.server.answer(alice.says("/mood happy"))
        (song,) = await at.songs_of(alice)
        await rendering(at, song.id, upto=0.8)
        await at.server.until(lambda: "%" in card.text)
    assert card.edits
    assert alice.chat.from_bot() == [card]
    assert any(":cancel:" in token for token in card.buttons.values())
    assert "upload_voice" in [action for _, action in alice.chat.actions]


async def test_a_card_in_the_queue_says_its_place_and_how_long_it_takes(at: ChatFixture) -> None:
    alice, bob, deps = await at.person("Alice"), await at.person("Bob"), at.process.deps
    earlier = await at.song(await at.planned(bob))
    speed = {"render_ms": 45_000, "finish_ms": 0, "duration_s": 30.0}
    await deps.commit(lambda unit: unit.event_log.add(
        session_id=earlier.session_id, agent="compose", event_type="rendered", payload=speed, ts=deps.clock.now()
    ))  # fmt: skip
    async with at.serving():
        card = await at.server.answer(alice.says("/mood happy"))
        (song,) = await at.songs_of(alice)
        await draft_song(song.id, deps=deps, reader=NoReader(), writer=None)
        await at.server.until(lambda: "1 ahead of you, about 2 min" in card.text)
        queue = await at.server.answer(alice.says("/queue"))
        assert "1 ahead, about 2 minutes" in queue.text
        assert list(queue.buttons) == [f"Cancel #{song.id}"]
        await deps.commit(lambda unit: unit.songs.cancel(earlier.id, now=deps.clock.now()))
        await at.server.until(lambda: "You're next, about 1 min" in card.text)


async def test_the_card_goes_when_the_song_is_there(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        card = await at.server.answer(alice.says("/mood happy"))
        (song,) = await at.songs_of(alice)
        await at.process.deps.commit(lambda unit: unit.songs.cancel(song.id, now=at.process.deps.clock.now()))
        await at.server.until(lambda: card.deleted or not card.buttons)


async def test_a_card_that_somebody_deleted_does_not_come_back(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        at.server.expect("message to edit not found")
        card = await at.server.answer(alice.says("/mood happy"))
        (song,) = await at.songs_of(alice)
        card.deleted = True
        await rendering(at, song.id, upto=0.5)
    assert not alice.chat.from_bot()


async def test_songs_of_a_whole_group_stay_below_its_limit(at: ChatFixture) -> None:
    """Three cards move at once in a group that takes so many messages in so much time, edits included."""
    people = [await at.person(name) for name in ("Alice", "Bob", "Carol")]
    group = at.server.group("Friends", people[0])
    at.server.faults.limits = RateLimits(group=Limit(8, 12.0))
    async with at.serving():
        for person in people:
            await at.server.answer(person.says("/mood happy", to=group))
        songs = [(await at.songs_of(person))[0].id for person in people]
        await asyncio.gather(*(rendering(at, song_id, upto=0.9) for song_id in songs))
    assert len(group.from_bot()) == 3


async def test_a_flood_in_one_chat_lets_the_cards_of_others_move(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    async with at.serving():
        cards = [await at.server.answer(person.says("/mood sad")) for person in (alice, bob)]
        songs = [(await at.songs_of(person))[0].id for person in (alice, bob)]
        at.server.faults.flood("editMessageText", retry_after_s=60, chat_id=alice.chat.id)
        await asyncio.gather(*(rendering(at, song_id, upto=0.9) for song_id in songs))
        await at.server.until(lambda: "%" in cards[1].text)
    assert not cards[0].edits
    assert len(at.server.sent("editMessageText", alice.chat)) == 1
