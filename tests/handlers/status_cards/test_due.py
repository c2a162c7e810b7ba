from __future__ import annotations

import asyncio

from handlers.jobs.sweeper import sweep
from handlers.status_cards.due import card_gone, card_left, card_shown, due_card, due_cards
from tests.handlers.world import PLATFORM, World, photo

REF = {"key": "card-1", "place": "server:1"}


async def test_a_card_follows_its_song_and_goes_with_it(world: World) -> None:
    song_id = await world.selfie()
    due = await due_card(song_id, deps=world.deps)
    assert due is not None
    assert due.card_ref is None
    assert "photo" in due.card.text
    assert await due_cards(PLATFORM, deps=world.deps) == []
    await card_shown(song_id, REF, deps=world.deps)
    await world.draft()
    world.clock.forward(16)
    (due,) = await due_cards(PLATFORM, deps=world.deps)
    assert due.card_ref == REF
    assert "Mood: happy, 92 %" in due.card.text
    assert "BPM" in due.card.text
    await card_shown(song_id, REF, deps=world.deps)
    world.clock.forward(10)
    assert await due_cards(PLATFORM, deps=world.deps) == []  # nothing new to show
    await world.render(song_id)
    await world.deliver()
    (due,) = await due_cards(PLATFORM, deps=world.deps)
    assert due.card.text == ""
    await card_shown(song_id, None, deps=world.deps)
    world.clock.forward(60)
    assert await due_cards(PLATFORM, deps=world.deps) == []


async def test_a_card_moves_every_three_seconds_at_most(world: World) -> None:
    song_id = await world.selfie()
    await due_card(song_id, deps=world.deps)
    await card_shown(song_id, REF, deps=world.deps)
    await world.draft()
    world.clock.forward(2.9)
    assert await due_cards(PLATFORM, deps=world.deps) == []
    assert await due_card(song_id, deps=world.deps) is None
    world.clock.forward(0.1)
    assert len(await due_cards(PLATFORM, deps=world.deps)) == 1


async def test_of_many_processes_one_gets_a_card_and_one_not_shown_comes_again(world: World) -> None:
    song_id = await world.selfie()
    taken = await asyncio.gather(*(due_cards(PLATFORM, deps=world.deps) for _ in range(5)))
    assert sorted(len(cards) for cards in taken) == [0, 0, 0, 0, 1]
    world.clock.forward(16)
    assert [due.song_id for due in await due_cards(PLATFORM, deps=world.deps)] == [song_id]
    assert await due_cards("other", deps=world.deps) == []


async def test_a_shown_card_tells_the_failure_and_no_notice_does(world: World) -> None:
    song_id = await world.selfie(data=photo(""))
    await due_card(song_id, deps=world.deps)
    await card_shown(song_id, REF, deps=world.deps)
    await world.draft()
    await world.deliver()
    world.clock.forward(20)
    (due,) = await due_cards(PLATFORM, deps=world.deps)
    assert "no face" in due.card.text
    await card_shown(song_id, REF, deps=world.deps)
    await sweep(deps=world.deps)
    await world.deliver()
    assert world.chat.posted == []
    assert (await world.song(song_id)).notified_at is not None


async def test_a_card_that_is_gone_leaves_the_failure_to_a_notice(world: World) -> None:
    song_id = await world.selfie(data=photo(""))
    await due_card(song_id, deps=world.deps)
    await card_shown(song_id, REF, deps=world.deps)
    await card_gone(song_id, deps=world.deps)
    await world.draft()
    await world.deliver()
    assert len(world.chat.notices) == 1


async def test_a_song_takes_its_cards_place_once_nobody_shows_it_any_more(world: World) -> None:
    song_id = await world.selfie()
    due = await due_card(song_id, deps=world.deps)
    assert due is not None
    leaving = asyncio.create_task(card_left(song_id, deps=world.deps))
    await asyncio.sleep(0.05)
    assert not leaving.done()
    await card_shown(song_id, REF, deps=world.deps)
    await leaving
    await card_left(song_id, deps=world.deps)  # the job runs twice
    await world.draft()
    world.clock.forward(60)
    assert await due_cards(PLATFORM, deps=world.deps) == []


async def test_a_process_that_died_over_a_card_is_waited_for_until_another_may_take_it(world: World) -> None:
    song_id = await world.selfie()
    due = await due_card(song_id, deps=world.deps)
    assert due is not None
    leaving = asyncio.create_task(card_left(song_id, deps=world.deps))
    world.clock.forward((due.until - world.clock.now()).total_seconds() - 0.01)
    await asyncio.sleep(0.05)
    assert not leaving.done()
    world.clock.forward(0.01)
    await leaving
    assert await due_cards(PLATFORM, deps=world.deps) == []
