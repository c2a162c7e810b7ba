"""Forums: whatever belongs to a song stays in the topic where it was asked for."""

from __future__ import annotations

from handlers.jobs.draft import draft_song
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture, NoReader
from tests.bot.telegram.test_status_cards import rendering
from tests.telegram_server import Chat, Message, Person

TOPIC = 77


async def ordered(at: ChatFixture, person: Person, forum: Chat) -> tuple[int, Message]:
    """A song asked for in the topic, and its card."""
    card = await at.server.answer(person.says("/mood happy", to=forum, topic=TOPIC))
    (song,) = await at.songs_of(person)
    return song.id, card


async def arrives(at: ChatFixture, song_id: int) -> None:
    await draft_song(song_id, deps=at.process.deps, reader=NoReader(), writer=None)
    await at.finish(song_id)
    await at.deliver(song_id)


async def test_card_song_and_what_their_buttons_open_stay_in_the_topic(at: ChatFixture) -> None:
    alice = await at.person()
    forum = at.server.group("Forum", alice, topics=[TOPIC])
    async with at.serving():
        song_id, card = await ordered(at, alice, forum)
        await arrives(at, song_id)
        (song,) = await at.server.until(lambda: forum.from_bot("audio"))
        await at.until_state(song_id, SongState.DELIVERED)
        await at.server.until(lambda: card.deleted)
        alice.presses(song, "⭐")
        stars = await at.server.answer(song)
        alice.presses(song, "🔁")
        take = await at.server.answer(stars)
    assert [message.topic for message in (card, song, stars, take)] == [TOPIC] * 4


async def test_the_sign_while_rendering_stands_in_the_topic(at: ChatFixture) -> None:
    alice = await at.person()
    forum = at.server.group("Forum", alice, topics=[TOPIC])
    async with at.serving():
        song_id, _ = await ordered(at, alice, forum)
        await rendering(at, song_id, upto=0.8)
        signs = await at.server.until(lambda: at.server.sent("sendChatAction", forum), within_s=15)
    assert {sign.text("message_thread_id") for sign in signs} == {str(TOPIC)}


async def test_the_question_whether_a_song_arrived_is_asked_in_the_topic(at: ChatFixture) -> None:
    alice = await at.person()
    forum = at.server.group("Forum", alice, topics=[TOPIC])
    at.server.faults.hang("sendAudio", after_effect=True)
    async with at.serving():
        song_id, card = await ordered(at, alice, forum)
        await arrives(at, song_id)
        await at.until_state(song_id, SongState.AMBIGUOUS)
        asked = await at.server.until(lambda: [m for m in forum.from_bot("text") if m is not card])
    assert [message.topic for message in asked] == [TOPIC]
    assert forum.from_bot("audio")[0].topic == TOPIC


async def test_an_answer_for_one_persons_eyes_leaves_its_hint_in_the_topic(at: ChatFixture) -> None:
    alice, bob = await at.person(), at.server.person("Bob", started=False)
    forum = at.server.group("Forum", alice, topics=[TOPIC])
    at.server.expect("bot can't initiate conversation with a user")
    async with at.serving():
        hint = await at.server.answer(bob.says("/genres", to=forum, topic=TOPIC))
    assert hint.topic == TOPIC


async def test_a_topic_that_was_deleted_does_not_keep_the_song_away(at: ChatFixture) -> None:
    alice = await at.person()
    forum = at.server.group("Forum", alice, topics=[TOPIC])
    async with at.serving():
        song_id, _ = await ordered(at, alice, forum)
        forum.topics.clear()
        await arrives(at, song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    assert [song.topic for song in forum.from_bot("audio")] == [None]


async def test_a_thread_of_replies_is_no_topic(at: ChatFixture) -> None:
    """Supergroups number such threads, too, but nothing can be sent there."""
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", alice, supergroup=True)
    async with at.serving():
        card = await at.server.answer(bob.says("/mood sad", to=group, reply_to=alice.says("how are you?", to=group)))
    assert card.topic is None
