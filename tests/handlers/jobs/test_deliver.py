from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handlers.commands.buttons import press_button
from handlers.delivery.confirmation import confirm_arrival, send_again
from handlers.events import Origin
from handlers.jobs.deliver import deliver_song
from handlers.jobs.sweeper import sweep
from handlers.ports import ChatGone, ChatLater, Undecided
from storage.repositories.messages.outbox import DeliveryRow
from storage.song_states import SongState
from storage.tables.messages import DeliveryState
from tests.handlers.world import ANN, BOB, HERE, World, photo, tokens


async def ready(world: World) -> int:
    song_id = await world.selfie()
    await world.draft()
    await world.render(song_id)
    return song_id


async def row(world: World, song_id: int) -> DeliveryRow:
    found = await world.deps.read(lambda unit: unit.outbox.of(song_id, "song"))
    assert found is not None
    return found


async def test_a_song_goes_out_once_however_often_its_job_runs(world: World) -> None:
    song_id = await ready(world)
    await asyncio.gather(*(deliver_song(song_id, deps=world.deps, chat=world.chat) for _ in range(5)))
    await deliver_song(song_id, deps=world.deps, chat=world.chat)
    assert (len(world.chat.songs), world.chat.sends) == (1, 1)
    assert await world.status(song_id) == SongState.DELIVERED
    sent = await row(world, song_id)
    assert sent.status == DeliveryState.SENT
    assert len(sent.nonce) <= 25
    caption = world.chat.songs[0].text
    assert "Mood: happy, 92 %" in caption
    assert "sketch engine" in caption
    assert "AI-generated" not in caption
    assert len(caption) < 1000


async def test_killed_between_send_and_commit_the_repeat_has_the_same_nonce(world: World) -> None:
    song_id = await ready(world)
    world.chat.lost_answers = [asyncio.CancelledError()]  # the process is stopped after the bytes were posted
    with pytest.raises(asyncio.CancelledError):
        await deliver_song(song_id, deps=world.deps, chat=world.chat)
    assert (await row(world, song_id)).status == DeliveryState.SENDING
    await deliver_song(song_id, deps=world.deps, chat=world.chat)
    assert world.chat.repeats == [False, True]
    assert len(world.chat.songs) == 1
    assert await world.status(song_id) == SongState.DELIVERED


async def test_killed_before_the_send_it_is_sent_by_the_next(world: World) -> None:
    song_id = await ready(world)
    world.chat.troubles = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await deliver_song(song_id, deps=world.deps, chat=world.chat)
    await deliver_song(song_id, deps=world.deps, chat=world.chat)
    assert len(world.chat.songs) == 1


async def test_killed_after_the_outbox_knew_but_before_the_song_did(world: World) -> None:
    song_id = await ready(world)
    await deliver_song(song_id, deps=world.deps, chat=world.chat)
    sent = await row(world, song_id)
    assert sent.status == DeliveryState.SENT
    from handlers.delivery import outbox

    assert await outbox.start_delivery(song_id, "song", platform=world.chat.platform, deps=world.deps) == "done"


async def test_later_is_waited_for_without_counting(world: World) -> None:
    song_id = await ready(world)
    for _ in range(6):
        world.chat.troubles = [ChatLater(60.0)]
        await world.deliver()
        song = await world.song(song_id)
        assert (song.status, song.attempts) == (SongState.DELIVERING, 0)
        await sweep(deps=world.deps)
        assert world.queue.take("deliver") == []  # not before its time
        world.clock.forward(61)
        await sweep(deps=world.deps)
        assert [job[1] for job in world.queue.jobs if job[0] == "deliver"] == [song_id]
    await world.deliver()
    assert len(world.chat.songs) == 1
    assert True not in world.chat.repeats


async def test_a_short_later_is_waited_for_in_place(world: World) -> None:
    await ready(world)
    world.chat.troubles = [ChatLater(1.0), ChatLater(1.0)]
    await world.deliver()
    assert len(world.chat.songs) == 1


async def test_later_for_too_long_ends_with_a_word(world: World) -> None:
    song_id = await ready(world)
    for _ in range(20):
        world.chat.troubles = [ChatLater(300.0)]
        await world.deliver()
        world.chat.troubles = []
        if await world.status(song_id) == SongState.FAILED:
            break
        world.clock.forward(301)
        await sweep(deps=world.deps)
    assert (await world.song(song_id)).error_code == "delivery_timeout"
    await world.deliver()
    assert "history" in world.chat.notices[0].text
    assert world.chat.notices[0].nonce != (await row(world, song_id)).nonce


async def test_a_closed_place_means_direct_messages_and_a_closed_person_means_kept(world: World) -> None:
    await ready(world)
    world.chat.troubles = [ChatGone()]
    await world.deliver()
    assert [post.direct for post in world.chat.songs] == [True]
    kept = await ready(world)
    world.chat.troubles = [ChatGone(), ChatGone()]
    await world.deliver()
    assert (await row(world, kept)).status == DeliveryState.KEPT
    assert await world.status(kept) == SongState.DELIVERED
    answer = await press_button(f"1:history:0:{kept + 1}", ANN, deps=world.deps, origin=HERE)
    assert answer.reply is not None
    assert f"#{kept}" in answer.reply.text


async def test_an_undecided_send_is_asked_about_once_and_never_repeated_blindly(world: World) -> None:
    world.chat.idempotent = False
    song_id = await ready(world)
    world.chat.lost_answers = [Undecided()]
    await world.deliver()
    assert await world.status(song_id) == SongState.AMBIGUOUS
    for _ in range(3):
        await sweep(deps=world.deps)
        await world.deliver()
        world.clock.forward(60)
    assert (len(world.chat.songs), len(world.chat.notices)) == (1, 1)
    notice = world.chat.notices[0].what
    assert tokens(notice.buttons) == [f"1:arrived:{song_id}:", f"1:resend:{song_id}:"]


async def test_killed_before_asking_the_sweeper_has_it_asked(world: World) -> None:
    song_id = await ready(world)
    world.chat.troubles = [Undecided(), asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await world.deliver()
    assert await world.status(song_id) == SongState.AMBIGUOUS
    world.clock.forward(60)
    await sweep(deps=world.deps)
    await world.deliver()
    assert len(world.chat.notices) == 1


async def test_send_again_and_it_arrived_settle_it_for_the_owner(world: World) -> None:
    song_id = await ready(world)
    world.chat.troubles = [Undecided()]
    await world.deliver()
    foreign = await press_button(f"1:resend:{song_id}:", BOB, deps=world.deps, origin=HERE)
    assert foreign.reply is not None
    assert "Only the person" in foreign.reply.text
    before = (await row(world, song_id)).nonce
    assert await send_again(song_id, ANN, deps=world.deps)
    assert not await send_again(song_id, ANN, deps=world.deps)
    assert (await row(world, song_id)).nonce != before
    world.chat.troubles = [Undecided()]
    await world.deliver()
    assert len(world.chat.notices) == 2  # asked anew
    assert await confirm_arrival(song_id, ANN, deps=world.deps)
    assert await world.status(song_id) == SongState.DELIVERED


async def test_a_failure_is_told_by_one_notice_when_no_card_stands(world: World) -> None:
    song_id = await world.selfie(data=photo(""))
    await world.draft()
    await asyncio.gather(*(deliver_song(song_id, deps=world.deps, chat=world.chat) for _ in range(3)))
    await sweep(deps=world.deps)
    await world.deliver()
    assert ["no face" in post.text for post in world.chat.notices] == [True]
    assert world.chat.notices[0].what.buttons == ()  # the photo is gone: trying again cannot help


async def test_an_unknown_trouble_counts_and_gives_up_after_three(world: World) -> None:
    song_id = await ready(world)
    world.chat.troubles = [OSError("odd")] * 3
    for _ in range(3):
        await world.deliver()
    assert world.chat.repeats == [False, True, True]
    assert await world.status(song_id) == SongState.FAILED


async def test_a_cancelled_song_is_not_sent(world: World) -> None:
    song_id = await ready(world)
    moderator = replace(HERE, moderator=True)
    elsewhere = Origin("server:2", {}, "x", moderator=True)
    refused = await press_button(f"1:cancel:{song_id}:", BOB, deps=world.deps, origin=elsewhere)
    assert refused.reply is not None
    assert "no song" in refused.reply.text
    done = await press_button(f"1:cancel:{song_id}:", BOB, deps=world.deps, origin=moderator)
    assert done.reply is not None
    assert "cancelled" in done.reply.text
    await world.deliver()
    assert world.chat.posted == []
    assert world.queue.aborted == [("deliver", song_id)]
