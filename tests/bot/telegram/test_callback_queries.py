"""Every press is answered, whoever presses what, when and how often."""

from __future__ import annotations

import pytest

from bot.telegram.origins import PLATFORM
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.telegram_server import Message


async def votes(at: ChatFixture, song_id: int) -> tuple[int, int]:
    return await at.process.deps.read(lambda unit: unit.votes.counts(song_id))


def song_id(message: Message) -> int:
    return int(next(iter(message.buttons.values())).split(":")[2])


async def test_votes_of_anybody_count_and_stand_on_the_buttons(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), at.server.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        song = await at.delivered(alice, group)
        up = alice.presses(song, "👍")
        down = bob.presses(song, "👎")
        await at.server.until(lambda: {"👍 1", "👎 1"} <= set(song.buttons))
        await at.server.until(lambda: up.answers and down.answers)
        assert song.text.startswith("Happy")  # the caption stayed
    assert await votes(at, song_id(song)) == (1, 1)


async def test_a_press_that_comes_twice_counts_once(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        press = alice.presses(song, "👍")
        await at.server.until(lambda: press.answers)
        await at.server.until(lambda: at.server.updates.confirmed)
        await at.process.deps.clock.sleep(1.0)  # longer than a double click, so that a second press would count
        at.server.updates.deliver_again(max(at.server.updates.confirmed))
        await at.server.until(lambda: len(press.answers) == 2)
    assert await votes(at, song_id(song)) == (1, 0)


@pytest.mark.parametrize(
    "data", ["", "1:vote:1:up:x", "vote", "9:vote:1:up", "1:vote:999:up", "1:erase:0:no\n", "x" * 64]
)
async def test_malformed_and_forged_presses_are_answered(at: ChatFixture, data: str) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        press = alice.presses(song, data=data)
        await at.server.until(lambda: press.answers)
    assert press.answers[0]


async def test_a_press_too_old_to_be_answered_still_counts(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        alice.presses(song, "👍", stale=True)
        await at.server.until(lambda: "👍 1" in song.buttons)


async def test_a_press_on_a_message_too_old_to_be_shown_counts(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        press = alice.presses(song, "👎", gone=True)
        await at.server.until(lambda: "👎 1" in song.buttons and press.answers)


async def test_a_press_that_changes_nothing_is_no_error(at: ChatFixture) -> None:
    alice = await at.person()
    at.server.expect("message is not modified")
    async with at.serving():
        menu = await at.server.answer(alice.says("/genres"))
        press = alice.presses(menu, next(label for label in menu.buttons if label.startswith("1 of ")))
        await at.server.until(lambda: press.answers)
    assert press.answers == [""]
    assert alice.chat.from_bot() == [menu]


async def test_switches_pressed_faster_than_the_chat_allows_are_all_shown_in_the_end(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        menu = await at.server.answer(alice.says("/genres"))
        at.server.faults.flood("editMessageText", retry_after_s=1, chat_id=alice.chat.id)
        labels = list(menu.buttons)[:3]
        presses = [alice.presses(menu, label) for label in labels]
        await at.server.until(lambda: all(press.answers for press in presses))
    assert {f"✓ {label}" for label in labels} <= set(menu.buttons)


async def test_a_vote_in_a_chat_that_is_flooded_is_thanked_for_and_shown_later(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        at.server.faults.flood("editMessageReplyMarkup", retry_after_s=1, chat_id=alice.chat.id)
        press = alice.presses(song, "👍")
        await at.server.until(lambda: press.answers)
        assert "Thank you" in press.answers[0]
        await at.server.until(lambda: "👍 1" in song.buttons)


async def test_what_is_the_owners_is_refused_to_others(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        song = await at.delivered(alice, group)
        press = bob.presses(song, "🔁")
        await at.server.until(lambda: press.answers)
    assert "Only the person" in press.answers[0]
    assert not await at.songs_of(bob)


async def test_again_begins_a_take_with_a_card_below_the_song(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        alice.presses(song, "🔁")
        card = await at.server.answer(song)
    assert card.reply_to is song
    take, _ = await at.songs_of(alice)
    assert take.take_of == song_id(song)


async def test_rating_by_a_row_of_buttons_and_a_comment_by_a_reply(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        alice.presses(song, "⭐")
        row = await at.server.answer(song)
        assert list(row.buttons) == ["0", "1", "2", "3", "4", "5"]
        alice.presses(row, "4")
        await at.server.until(lambda: not row.buttons)
        assert "4" in row.text
        thanks = await at.server.answer(alice.says("<b>more</b> piano", reply_to=song))
        assert "comment" in thanks.text
    user = await at.process.deps.read(lambda unit: unit.users.find(PLATFORM, str(alice.user.id)))
    assert user
    (kept,) = await at.process.deps.read(lambda unit: unit.song_queries.history(user.id, limit=5))
    assert (kept.score, kept.comment) == (4, "<b>more</b> piano")


async def test_cancel_by_the_owner_ends_the_song_and_the_card(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving():
        card = await at.server.answer(alice.sends_photo(selfie))
        press = alice.presses(card, "Cancel")
        await at.server.until(lambda: press.answers)
        (song,) = await at.songs_of(alice)
        assert song.status == SongState.CANCELLED
        await at.server.until(lambda: card.deleted or "Cancel" not in card.buttons)


async def test_reactions_are_votes_and_can_be_taken_back(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        alice.reacts(song, "👎")
        await at.server.until(lambda: "👎 1" in song.buttons)
        alice.reacts(song, "👍")
        await at.server.until(lambda: "👍 1" in song.buttons and "👎" in song.buttons)
        alice.reacts(song)
        await at.server.until(lambda: "👍" in song.buttons)


async def test_an_answer_for_one_person_leaves_the_group(at: ChatFixture) -> None:
    alice = await at.person("Alice")
    bob = at.server.person("Bob", started=False)
    group = at.server.group("Friends", alice)
    at.server.expect("bot can't initiate conversation with a user")
    async with at.serving():
        hers = alice.says("/genres", to=group)
        await at.server.until(lambda: alice.chat.from_bot())
        hint = await at.server.answer(bob.says("/genres", to=group))
        assert not hint.buttons["Selfietune"]  # a link to our own chat, no button of ours
    assert [message for message in group.from_bot() if message.id > hers.id] == [hint]
