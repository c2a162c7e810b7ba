"""A finished song arrives once; where that cannot be known, its owner is asked."""

from __future__ import annotations

import html

import pytest

from handlers.jobs.draft import draft_song
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture, NoReader
from tests.telegram_server import Message


async def test_a_song_is_audio_with_all_that_the_player_shows(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        asked = alice.says("hello")
        song = await at.delivered(alice, asked=asked)
    audio = song.content["audio"]
    assert (audio["performer"], audio["duration"], audio["mime_type"]) == ("Selfietune", 30, "audio/mpeg")
    assert audio["title"].startswith("Happy")
    assert song.text.startswith(audio["title"] + "\n")
    assert audio["thumbnail"]["width"] == 320
    assert "because it suits the mood" in song.text
    assert "sketch engine" in song.text
    assert song.reply_to is asked
    assert [label.split()[0] for label in song.buttons] == ["👍", "👎", "🔁", "⋯", "⭐"]


async def test_markup_in_titles_and_captions_is_only_text(at: ChatFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<b>Al & \"Co\"</b> <a href='tg://user?id=1'>x</a> &lt;"
    alice = await at.person()
    song_id = await at.finished(alice)
    await at.process.deps.commit(lambda unit: unit.songs.advance(
        song_id, lease=None, from_states=(SongState.DELIVERING,),
        to=SongState.DELIVERING, now=at.process.deps.clock.now(),
        genre=evil,
    ))  # fmt: skip
    async with at.serving():
        await at.deliver(song_id)
        await at.server.until(lambda: alice.chat.from_bot("audio"))
    (song,) = alice.chat.from_bot("audio")
    assert evil in song.text
    assert evil in song.content["audio"]["title"]
    assert html.unescape(song.text) != song.text  # nothing was decoded on the way
    assert [entity["type"] for entity in song.entities] == ["bold"]


async def test_a_time_out_after_the_bytes_left_asks_and_repeats_nothing(at: ChatFixture) -> None:
    alice = await at.person()
    at.server.faults.hang("sendAudio", after_effect=True)
    song_id = await at.finished(alice)
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.AMBIGUOUS)
        question = (await at.server.until(lambda: alice.chat.from_bot("text")))[-1]
    assert len(at.server.sent("sendAudio")) == 1
    assert len(alice.chat.from_bot("audio")) == 1
    assert len(question.buttons) == 2


async def test_send_again_sends_again(at: ChatFixture) -> None:
    alice = await at.person()
    at.server.faults.hang("sendAudio", after_effect=False)
    song_id = await at.finished(alice)
    async with at.serving():
        await at.deliver(song_id)
        question = (await at.server.until(lambda: alice.chat.from_bot("text")))[-1]
        label = next(label for label, token in question.buttons.items() if ":resend:" in token)
        alice.presses(question, label)
        await at.until_state(song_id, SongState.DELIVERED)
    assert len(alice.chat.from_bot("audio")) == 1


async def test_a_flood_in_one_chat_is_obeyed_and_stops_no_other(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    at.server.faults.flood("sendAudio", retry_after_s=2, chat_id=alice.chat.id)
    hers, his = await at.finished(alice), await at.finished(bob)
    order: list[Message] = []
    async with at.serving():
        await at.deliver(hers)
        await at.server.until(lambda: at.server.sent("sendAudio", alice.chat))
        await at.deliver(his)
        await at.until_state(his, SongState.DELIVERED)
        order += alice.chat.from_bot("audio")
        await at.until_state(hers, SongState.DELIVERED)
    assert not order
    assert len(alice.chat.from_bot("audio")) == len(bob.chat.from_bot("audio")) == 1


@pytest.mark.parametrize("by_proxy", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_servers_error_is_followed_by_the_song(at: ChatFixture, status: int, by_proxy: bool) -> None:
    alice = await at.person()
    at.server.faults.fail("sendAudio", status=status, by_proxy=by_proxy)
    song_id = await at.finished(alice)
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    assert len(alice.chat.from_bot("audio")) == 1


@pytest.mark.parametrize("by_proxy", [False, True])
async def test_a_gateway_that_timed_out_may_have_delivered(at: ChatFixture, by_proxy: bool) -> None:
    alice = await at.person()
    song_id = await at.finished(alice)
    at.server.faults.fail("sendAudio", status=504, by_proxy=by_proxy, after_effect=True)
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.AMBIGUOUS)
        await at.server.until(lambda: alice.chat.from_bot("text"))
    assert len(alice.chat.from_bot("audio")) == len(at.server.sent("sendAudio")) == 1


async def test_a_connection_cut_while_waiting_may_have_delivered(at: ChatFixture) -> None:
    alice = await at.person()
    song_id = await at.finished(alice)
    at.server.faults.cut("sendAudio", after_effect=True)
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.AMBIGUOUS)
    assert len(alice.chat.from_bot("audio")) == 1


async def test_a_refused_connection_is_tried_again(at: ChatFixture) -> None:
    alice = await at.person()
    song_id = await at.finished(alice)
    async with at.serving():
        await at.server.until(lambda: at.server.sent("getUpdates"))
        await at.server.down()
        await at.deliver(song_id)
        await at.process.deps.clock.sleep(0.3)
        await at.server.up()
        await at.until_state(song_id, SongState.DELIVERED)
    assert len(alice.chat.from_bot("audio")) == 1


async def test_a_blocked_bot_keeps_the_song_and_stops_asking(at: ChatFixture) -> None:
    alice = await at.person()
    song_id = await at.finished(alice)
    async with at.serving():
        alice.blocks_bot()
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    assert not alice.chat.from_bot("audio")
    assert len(at.server.sent("sendAudio")) <= 2  # to the chat, then to the person


async def test_thrown_out_of_the_group_the_song_comes_to_its_owner(at: ChatFixture) -> None:
    alice = await at.person()
    group = at.server.group("Friends", alice)
    song_id = await at.finished(alice, group)
    group.bot_status = "kicked"
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    assert len(alice.chat.from_bot("audio")) == 1


async def test_a_group_that_became_a_supergroup_gets_its_song_there(at: ChatFixture) -> None:
    alice = await at.person()
    group = at.server.group("Friends", alice)
    song_id = await at.finished(alice, group)
    async with at.serving():
        new = at.server.migrate(group, alice)
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
        (song,) = new.from_bot("audio")
        alice.presses(song, "👍")
        await at.server.until(lambda: any(label.endswith("1") for label in song.buttons))
    assert not group.from_bot("audio")


async def test_a_card_that_stayed_behind_in_the_old_group_is_not_sought_in_the_new_one(at: ChatFixture) -> None:
    """Messages are counted anew in a supergroup: the card's number names somebody else's message there."""
    alice = await at.person()
    group = at.server.group("Friends", alice, admin=True)
    async with at.serving():
        card = await at.server.answer(alice.says("/mood happy", to=group))
        new = at.server.migrate(group, alice)
        while len(new.messages) < card.id + 1:
            alice.says("we moved", to=new)
        (song,) = await at.songs_of(alice)
        await draft_song(song.id, deps=at.process.deps, reader=NoReader(), writer=None)
        await at.finish(song.id)
        await at.deliver(song.id)
        await at.until_state(song.id, SongState.DELIVERED)
        while await at.process.deps.read(lambda unit: unit.status_cards.of(song.id)) is not None:
            await at.process.deps.clock.sleep(0.02)
    assert len(new.from_bot("audio")) == 1
    assert not any(message.deleted for message in new.messages)


async def test_a_caption_that_is_too_long_is_cut(at: ChatFixture) -> None:
    alice = await at.person()
    song_id = await at.finished(alice)
    brief = {**((await at.song(song_id)).brief or {}), "style": "🎺" * 700}
    await at.process.deps.commit(lambda unit: unit.songs.advance(
        song_id, lease=None, from_states=(SongState.DELIVERING,),
        to=SongState.DELIVERING, now=at.process.deps.clock.now(),
        genre="🎷" * 64, brief=brief,
    ))  # fmt: skip
    async with at.serving():
        await at.deliver(song_id)
        (song,) = await at.server.until(lambda: alice.chat.from_bot("audio"))
    assert 2 * len(song.text) - 300 < 1024  # nearly all of it is emojis, which count twice
    assert song.text.endswith("🎺…")


async def test_a_deleted_selfie_does_not_keep_the_song_away(at: ChatFixture) -> None:
    alice = await at.person()
    asked = alice.says("hello")
    song_id = await at.finished(alice, asked=asked)
    asked.deleted = True
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    assert alice.chat.from_bot("audio")[0].reply_to is None
