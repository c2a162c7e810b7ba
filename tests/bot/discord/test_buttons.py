"""Buttons, forms and reactions: at any age, after any restart, pressed by anyone."""

from __future__ import annotations

import asyncio

from storage.song_states import SongState
from tests.bot.discord.chat_fixture import ChatFixture, labels, room
from tests.discord_server import UserClient, held
from tests.discord_server.entities import Message
from tests.discord_server.interactions import DEFER_REPLY, DEFER_UPDATE

CALLBACK = "POST /interactions/*/callback"


async def counts(stage: ChatFixture, song: Message, wanted: list[str]) -> None:
    await stage.server.until(lambda: labels(song)[:2] == wanted)


async def test_votes_count_after_every_process_was_restarted(
    stage: ChatFixture, ann: UserClient, bob: UserClient
) -> None:
    place = room(stage.server, ann, bob)
    async with stage.serving():
        song = await stage.delivered(ann.user, place)
    stage.server.clock.advance(40 * 86_400)
    async with stage.serving():
        await ann.press(song, "👍")
        await counts(stage, song, ["👍 1", "👎"])
        await bob.press(song, "👎")
        await counts(stage, song, ["👍 1", "👎 1"])
        await bob.press(song, "👍")
        await counts(stage, song, ["👍 2", "👎"])


async def test_double_click_is_one_vote_and_a_later_press_takes_it_back(serving: ChatFixture, ann: UserClient) -> None:
    song = await serving.delivered(ann.user, serving.server.world.dm(ann.user))
    pressed = await asyncio.gather(ann.press(song, "👍"), ann.press(song, "👍"))
    await serving.server.until(lambda: all(each.shown for each in pressed))
    await counts(serving, song, ["👍 1", "👎"])
    await asyncio.sleep(serving.process.deps.limits.double_press_s)
    await ann.press(song, "👍")
    await counts(serving, song, ["👍", "👎"])


async def test_buttons_stay_in_the_songs_language_whoever_votes(serving: ChatFixture, ann: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann), locale="zh")
    await ann.press(song, "👍")
    await counts(serving, song, ["👍 1", "👎"])
    await serving.server.until(lambda: serving.server.faults.requests("PATCH /channels/*/messages/*"))
    assert labels(song)[2:] == ["🔁 再来一版", "⋯ 详情", "⭐ 评分"]


async def test_two_people_at_once_are_two_votes(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann, bob))
    await asyncio.gather(ann.press(song, "👍"), bob.press(song, "👎"), ann.press(song, "⋯"), bob.press(song, "👎"))
    await counts(serving, song, ["👍 1", "👎 1"])


async def test_native_reactions_are_the_same_vote(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann, bob))
    await bob.react(song, "👍🏽")
    await counts(serving, song, ["👍 1", "👎"])
    await bob.react(song, "👎")
    await counts(serving, song, ["👍", "👎 1"])
    await bob.unreact(song, "👎")
    await counts(serving, song, ["👍", "👎"])
    await bob.react(song, "🎉")
    await ann.press(song, "👎")
    await counts(serving, song, ["👍", "👎 1"])


async def test_reaction_in_direct_messages_keeps_the_name(serving: ChatFixture, ann: UserClient) -> None:
    song = await serving.delivered(ann.user, serving.server.world.dm(ann.user))
    await ann.react(song, "👍")
    await counts(serving, song, ["👍 1", "👎"])
    assert (await serving.songs())[0].username == "ann"


async def test_again_is_the_owners_and_once(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann, bob))
    refused = await bob.press(song, "🔁")
    await serving.server.until(lambda: refused.shown)
    assert refused.shown[0].only_for is bob.user
    await ann.press(song, "🔁")
    take = await serving.until_song(SongState.DRAFTING, number=2)
    assert take.take_of == 1
    assert (take.reply_to or {})["message"] == str(song.id)
    await serving.server.gateway.redeliver("INTERACTION_CREATE")
    await asyncio.sleep(0.2)
    assert len(await serving.songs()) == 2


async def test_details_are_for_the_asking_persons_eyes(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann, bob))
    asked = await bob.press(song, "⋯")
    (answer,) = await serving.server.until(lambda: asked.shown)
    assert answer.only_for is bob.user
    assert "seed" in answer.content.lower()
    assert len(answer.content) <= 2000


async def test_form_is_read_by_a_process_that_did_not_open_it(stage: ChatFixture, ann: UserClient) -> None:
    dm = stage.server.world.dm(ann.user)
    async with stage.serving():
        song = await stage.delivered(ann.user, dm)
        opened = await ann.press(song, "⭐")
        await stage.server.until(lambda: opened.modal)
    async with stage.serving():
        sent = await ann.submit(opened, score="4", comment="slower, please 🐢")
        await stage.server.until(lambda: sent.shown)
        row = await stage.process.deps.read(lambda unit: unit.votes.of(1, 1))
        assert row is not None
        assert (row.score, row.comment) == (4, "slower, please 🐢")
        wrong = await ann.submit(opened, score="9", comment="")
        (answer,) = await stage.server.until(lambda: wrong.shown)
        assert answer.only_for is ann.user


async def test_cancel_ends_the_song_and_its_card(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    place = room(serving.server, ann, bob)
    await serving.accepted(ann)
    await ann.slash(place, "mood", label="sad")
    card = await serving.server.until(lambda: next((m for m in serving.bot_messages(place) if m.parts), None))
    refused = await bob.press(card, labels(card)[0])
    await serving.server.until(lambda: refused.shown)
    await ann.press(card, labels(card)[0])
    await serving.until_song(SongState.CANCELLED)
    await serving.server.until(lambda: not card.parts or card.deleted)


async def test_moderator_may_cancel_where_they_moderate(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    place = room(serving.server, ann, bob)
    assert place.guild is not None
    place.guild.moderators.add(bob.user)
    await ann.slash(place, "mood", label="sad")
    card = await serving.server.until(lambda: next((m for m in serving.bot_messages(place) if m.parts), None))
    await bob.press(card, labels(card)[0])
    await serving.until_song(SongState.CANCELLED)


async def test_failed_card_tries_again_and_its_tokens_cannot_be_borrowed(
    serving: ChatFixture, ann: UserClient, bob: UserClient
) -> None:
    place, deps = room(serving.server, ann, bob), serving.process.deps
    await ann.slash(place, "mood", label="sad")
    card = await serving.server.until(lambda: next((m for m in serving.bot_messages(place) if m.parts), None))
    await deps.commit(
        lambda unit: unit.songs.fail(1, lease=None, code="render_timeout", facts={}, now=deps.clock.now())
    )
    await serving.server.until(lambda: "again" in labels(card)[0])
    borrowed = await bob.press(card, labels(card)[0])
    (answer,) = await serving.server.until(lambda: borrowed.shown)
    assert answer.only_for is bob.user
    await ann.press(card, labels(card)[0])
    assert (await serving.until_song(SongState.RECEIVED, number=2)).take_of == 1


async def test_form_forged_for_another_servers_song(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    await serving.delivered(ann.user, room(serving.server, ann))
    own = await serving.delivered(bob.user, room(serving.server, bob))
    opened = await bob.press(own, "⭐")
    modal = await serving.server.until(lambda: opened.modal)
    modal["custom_id"] = "1:rate:1:"
    sent = await bob.submit(opened, score="0", comment="mine now")
    (answer,) = await serving.server.until(lambda: sent.shown)
    assert answer.only_for is bob.user
    assert await serving.process.deps.read(lambda unit: unit.votes.of(1, 2)) is None


async def test_expired_interaction_is_worked_on_and_nobody_is_confused(serving: ChatFixture, ann: UserClient) -> None:
    song = await serving.delivered(ann.user, serving.server.world.dm(ann.user))
    gate = asyncio.Event()
    serving.server.faults.on(CALLBACK, held(gate, clock=serving.server.clock, passing=4))
    await ann.press(song, "👍")
    gate.set()
    await counts(serving, song, ["👍 1", "👎"])
    serving.server.take(10062)
    serving.server.take(50027)
    serving.server.take(10015)


async def test_answer_after_the_tokens_end(serving: ChatFixture, ann: UserClient) -> None:
    song = await serving.delivered(ann.user, serving.server.world.dm(ann.user))
    gate = asyncio.Event()
    serving.server.faults.on("P* /webhooks/*", held(gate, clock=serving.server.clock, passing=16 * 60), times=2)
    await ann.press(song, "👍")
    await counts(serving, song, ["👍 1", "👎"])
    gate.set()
    await asyncio.sleep(0.2)
    serving.server.take(50027)


async def test_forged_ids_end_in_silence_or_a_sentence(serving: ChatFixture, ann: UserClient, bob: UserClient) -> None:
    song = await serving.delivered(ann.user, room(serving.server, ann))
    elsewhere = await serving.delivered(bob.user, room(serving.server, bob))
    for forged in (
        "1:vote:1:up",
        "1:again:1:",
        "1:details:999999999:",
        "1:rate:1:",
        "'; drop table users",
        "1:vote:1:maybe",
    ):
        await bob.forge(elsewhere, forged)
    shown = await bob.slash(elsewhere.channel, "show", id=1)
    (answer,) = await serving.server.until(lambda: shown.shown)
    assert answer.only_for is bob.user
    assert labels(song)[:2] == ["👍", "👎"]
    assert await serving.process.deps.read(lambda unit: unit.votes.counts(1)) == (0, 0)


async def test_first_answer_is_a_deferral_of_the_right_kind(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    song = await serving.delivered(ann.user, dm)
    pressed, asked = await ann.press(song, "👍"), await ann.slash(dm, "queue")
    await serving.server.until(lambda: pressed.answer and asked.answer)
    assert (pressed.answer, asked.answer) == (DEFER_UPDATE, DEFER_REPLY)


async def test_unsure_mood_is_answered_on_the_card(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    asked = await serving.asking(ann.user, place)
    card = await serving.server.until(lambda: next((m for m in serving.bot_messages(place) if len(m.parts) > 2), None))
    more = await ann.press(card, labels(card)[2])
    (seven,) = await serving.server.until(lambda: more.shown)
    assert len(seven.parts) == 7
    await ann.press(seven, labels(seven)[4])
    await serving.until_song(SongState.DRAFTING)
    assert asked == 1
