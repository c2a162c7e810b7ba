"""Servers without the bot: a person's own install brings the commands, and interactions' tokens are all there is."""

from __future__ import annotations

import asyncio
import contextlib
import io
import zipfile
from collections.abc import AsyncIterator

import discord
import pytest
from discord.ext import commands
from discord.webhook.async_ import async_context

from bot.discord.connection import Connection
from bot.discord.interaction_tokens import InteractionReplies
from bot.discord.outgoing.chat import DiscordChat
from handlers.account.export import export
from handlers.jobs.deliver import deliver_song
from handlers.jobs.draft import draft_song
from pipeline.faces.read_mood import Faces, FaceScores
from pipeline.values import EMOTION_LABELS
from storage.song_states import SongState
from tests.bot.discord.chat_fixture import SELFIE, ChatFixture, Unsure, labels, room, sender
from tests.discord_server import Channel, Message, UserClient, brings_files, cut_after, held, refuses
from tests.discord_server.entities import ATTACH, SEND, VIEW
from tests.discord_server.interactions import TOKEN_S

ANSWER = "PATCH /webhooks/*/*/messages/*"


class Sure(Unsure):
    """A reader that sees a sad face."""

    async def photo_faces(self, data: bytes) -> Faces:
        return (FaceScores(0.2, 0.2, 0.5, 0.5, dict.fromkeys(EMOTION_LABELS, 0.02) | {"sad": 0.88}),)


@pytest.fixture
async def place(stage: ChatFixture, ann: UserClient, bob: UserClient) -> Channel:
    """A server that the bot never joined; ann has it installed for herself."""
    ann.install()
    await stage.accepted(ann)
    return room(stage.server, ann, bob, has_bot=False)


async def begun(stage: ChatFixture, ann: UserClient, place: Channel) -> tuple[int, Message]:
    """Begin a song by /mood, finished but not delivered; give its id and its card."""
    asked = await ann.slash(place, "mood", label="happy")
    song = await stage.until_song(SongState.RECEIVED)
    (card,) = await stage.server.until(lambda: asked.shown)
    await draft_song(song.id, deps=stage.process.deps, reader=Sure(), writer=None)
    await stage.finish(song.id)
    return song.id, card


async def test_the_answer_is_the_card_and_becomes_the_song(
    stage: ChatFixture, place: Channel, ann: UserClient, bob: UserClient
) -> None:
    async with stage.serving():
        asked = await ann.slash(place, "selfie", photo=SELFIE, note="beach")
        song = await stage.until_song(SongState.RECEIVED)
        (card,) = await stage.server.until(lambda: asked.shown)
        assert card.only_for is None
        assert "15 minutes" in card.content
        assert labels(card) == ["Cancel"]
        await draft_song(song.id, deps=stage.process.deps, reader=Sure(), writer=None)
        await stage.server.until(lambda: "BPM" in card.content)
        await stage.finish(song.id)
        await stage.deliver(song.id)
        await stage.until_song(SongState.DELIVERED)
        assert stage.bot_messages() == [card]
        assert (card.content, card.embeds[0]["title"].split()[0]) == ("", "Sad")
        assert card.attachments[0].data.startswith(b"ID3")
        await bob.press(card, "👍")
        await stage.server.until(lambda: labels(card)[:2] == ["👍 1", "👎"])
        await stage.server.until(lambda: card.attachments and card.embeds)


@pytest.mark.parametrize("denied", [VIEW, SEND, ATTACH])
async def test_channel_where_we_may_not_write_is_answered_the_same_way(
    stage: ChatFixture, ann: UserClient, denied: int
) -> None:
    closed = room(stage.server, ann)
    async with stage.serving():
        await ann.close_channel(closed, denied=denied)
        song_id, card = await begun(stage, ann, closed)
        await stage.deliver(song_id)
        await stage.until_song(SongState.DELIVERED)
        assert stage.song_messages(song_id) == [card]
        assert card.channel is closed


async def test_song_that_outlasts_the_token_comes_as_a_direct_message(
    stage: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with stage.serving():
        song_id, card = await begun(stage, ann, place)
        stage.server.clock.advance(TOKEN_S + 1)
        await stage.deliver(song_id)
        await stage.until_song(SongState.DELIVERED)
        assert [m.channel for m in stage.song_messages(song_id)] == [stage.server.world.dm(ann.user)]
        assert not card.embeds
    stage.server.take(50027)


async def test_place_that_takes_no_files_says_where_the_song_is(
    stage: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with stage.serving():
        song_id, card = await begun(stage, ann, place)
        stage.server.faults.on(ANSWER, refuses(50013), only=brings_files)  # commands from outside, yes, files, no
        await stage.deliver(song_id)
        await stage.until_song(SongState.DELIVERED)
        assert [m.channel for m in stage.song_messages(song_id)] == [stage.server.world.dm(ann.user)]
        assert "direct messages" in card.content
        assert card.parts == []


@contextlib.asynccontextmanager
async def another_process(stage: ChatFixture) -> AsyncIterator[DiscordChat]:
    """What a second chat process sends with: a client and a memory of its own, and the same database."""
    connection, deps = Connection(), stage.process.deps
    async_context.set(type(async_context.get())())  # all of one process take turns in it
    async with commands.AutoShardedBot(command_prefix=(), intents=discord.Intents.none()) as client:
        await client.login(stage.server.token)
        connection.connect(client)
        yield DiscordChat(connection, deps=deps, replies=InteractionReplies(connection, deps=deps))


async def test_card_of_one_process_does_not_land_on_the_song_of_another(
    stage: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with stage.serving(), another_process(stage) as other:
        asked = await ann.slash(place, "mood", label="happy")
        song = await stage.until_song(SongState.RECEIVED)
        (card,) = await stage.server.until(lambda: asked.shown)
        slow, before = asyncio.Event(), len(stage.server.faults.requests(ANSWER))
        stage.server.faults.on(ANSWER, held(slow))
        await draft_song(song.id, deps=stage.process.deps, reader=Sure(), writer=None)
        await stage.server.until(lambda: len(stage.server.faults.requests(ANSWER)) > before)
        await stage.finish(song.id)
        sending = asyncio.create_task(deliver_song(song.id, deps=stage.process.deps, chat=other))
        await asyncio.sleep(0.5)  # time enough for the song to be the first
        slow.set()
        await sending
        assert (await stage.song(song.id)).status == SongState.DELIVERED
        await stage.server.until(lambda: all(seen.status for seen in stage.server.faults.requests(ANSWER)))
        assert (card.content, len(card.embeds), labels(card)[:2]) == ("", 1, ["👍", "👎"])


async def test_edit_whose_answer_is_lost_makes_no_second_song(
    stage: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with stage.serving():
        song_id, card = await begun(stage, ann, place)
        stage.server.faults.on(ANSWER, cut_after(), only=brings_files)
        await stage.deliver(song_id)
        await stage.server.until(lambda: card.embeds)
        await stage.until_song(SongState.DELIVERED, within=30)
        assert stage.song_messages(song_id) == [card]
        assert len(card.attachments) == 2


async def test_edit_that_nobody_can_look_for_any_more_is_asked_about(
    stage: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with stage.serving():
        song_id, card = await begun(stage, ann, place)
        stage.server.faults.on(ANSWER, cut_after(), only=brings_files)
        await stage.deliver(song_id)
        await stage.server.until(lambda: card.embeds)
        stage.server.clock.advance(TOKEN_S + 1)
        await stage.until_song(SongState.AMBIGUOUS, within=30)
        question = await stage.said(stage.server.world.dm(ann.user))
        assert len(question.parts) == 2
        assert stage.song_messages(song_id) == [card]
    stage.server.take(50027)


async def test_first_contact_ends_in_a_card(stage: ChatFixture, place: Channel, bob: UserClient) -> None:
    bob.install()
    async with stage.serving():
        asked = await bob.slash(place, "selfie", photo=SELFIE)
        (greeting,) = await stage.server.until(lambda: asked.shown)
        assert greeting.only_for is bob.user
    async with stage.serving():
        accepted = await bob.press(greeting, labels(greeting)[0])
        song = await stage.until_song(SongState.RECEIVED)
        (card,) = await stage.server.until(lambda: accepted.shown)
        assert card.only_for is None
        assert (song.reply_to or {})["token"] == accepted.token


async def test_another_take_has_an_answer_of_its_own(stage: ChatFixture, place: Channel, ann: UserClient) -> None:
    async with stage.serving():
        song_id, song = await begun(stage, ann, place)
        await stage.deliver(song_id)
        await stage.until_song(SongState.DELIVERED)
        again = await ann.press(song, "🔁")
        await stage.until_song(SongState.DRAFTING, number=2)
        (card,) = await stage.server.until(lambda: again.shown)
        assert card is not song
        assert song.embeds


async def test_refusal_is_for_the_asking_persons_eyes(stage: ChatFixture, place: Channel, ann: UserClient) -> None:
    async with stage.serving():
        asked = await ann.slash(place, "again", id=99)
        (answer,) = await stage.server.until(lambda: asked.shown)
        assert answer.only_for is ann.user
        assert stage.bot_messages() == [answer]


async def test_token_is_no_part_of_an_export(stage: ChatFixture, place: Channel, ann: UserClient) -> None:
    async with stage.serving():
        await begun(stage, ann, place)
    (packed,) = await export(sender(ann.user), deps=stage.process.deps)
    song = await stage.song(1)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        data = archive.read("data.json").decode()
    assert str((song.reply_to or {})["channel"]) in data
    assert str((song.reply_to or {})["token"]) not in data
