"""Slash commands: made from the shared table, in three languages, sent only when they changed."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial

import pytest

from handlers.commands.registry import COMMANDS
from handlers.key_values import set_value
from storage.song_states import SongState
from tests.bot.discord.chat_fixture import ChatFixture, labels, room
from tests.discord_server import File, Message, UserClient
from tests.discord_server.interactions import Interaction


def shown_for(asked: Interaction) -> list[Message]:
    return asked.shown


async def answer(stage: ChatFixture, asked: Interaction) -> str:
    """Give the one answer, which must be for the asking person alone and quick."""
    (shown,) = await stage.server.until(lambda: asked.shown)
    assert shown.only_for is asked.user
    return shown.content


async def test_every_command_of_the_table_is_there_with_its_menu(serving: ChatFixture) -> None:
    sent = {(command["name"], command["type"]): command for command in serving.server.world.commands}
    assert sent.keys() == {(command.name, 1) for command in COMMANDS} | {("Make a song", 3)}
    for command in sent.values():
        assert sorted(command["integration_types"]) == [0, 1]
        assert sorted(command["contexts"]) == [0, 1, 2]
    assert {"zh-CN", "zh-TW"} <= sent["genres", 1]["description_localizations"].keys()
    menu = sent["Make a song", 3]["name_localizations"]
    assert (menu["zh-CN"], menu["zh-TW"]) == ("做一首歌", "做一首歌")
    photo = sent["selfie", 1]["description_localizations"]
    assert (photo["zh-CN"], photo["zh-TW"]) == ("用照片或短视频做一首歌", "用照片或短影片做一首歌")


async def test_commands_are_sent_when_they_changed_only(stage: ChatFixture) -> None:
    for _ in range(2):
        async with stage.serving():
            pass
    assert stage.server.world.command_syncs == 1
    await set_value(f"discord-commands:{stage.server.world.bot.id}", "another", deps=stage.process.deps)
    async with stage.serving():
        await stage.server.until(lambda: stage.server.world.command_syncs == 2)


async def test_preferences_are_set_and_shown_for_ones_own_eyes(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    await answer(serving, await ann.slash(place, "genres set", words="jazz, lo-fi"))
    await answer(serving, await ann.slash(place, "instruments add", words="piano"))
    await answer(serving, await ann.slash(place, "tempo set", min=70, max=110))
    await answer(serving, await ann.slash(place, "avoid set", text="heavy drums"))
    assert "jazz" in await answer(serving, await ann.slash(place, "genres show"))


async def test_autocomplete_offers_known_names_at_once(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    asked = await ann.complete(dm, "genres add", "words", "ja")
    choices = await serving.server.until(lambda: asked.choices)
    assert "jazz" in [choice["value"] for choice in choices]
    hostile = await ann.complete(dm, "genres add", "words", "😀" * 3000)
    await serving.server.until(lambda: hostile.answer)


@pytest.mark.parametrize(("locale", "word"), [("en-US", "Your"), ("zh-CN", "发给我"), ("zh-TW", "傳給我")])
async def test_answers_are_in_the_persons_language(serving: ChatFixture, locale: str, word: str) -> None:
    person = serving.server.person("lin", locale=locale)
    assert (
        word.lower()
        in (await answer(serving, await person.slash(serving.server.world.dm(person.user), "help"))).lower()
    )


async def test_mood_makes_a_song_without_a_photo(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    asked = await ann.slash(place, "mood", label="sad", note="rain")
    song = await serving.until_song(SongState.RECEIVED)
    assert (song.options or {})["mood"] == "sad"
    card = await serving.said(place)
    assert card.only_for is None
    await serving.server.until(lambda: asked.original is not None and asked.original.deleted)


PLAIN = [command.name for command in COMMANDS if not command.actions and command.name != "selfie"]


@pytest.mark.parametrize("name", PLAIN)
async def test_every_plain_command_answers_a_stranger(serving: ChatFixture, ann: UserClient, name: str) -> None:
    blanks: dict[str, dict[str, object]] = {"mood": {"label": "happy"}}
    blanks |= {command: {"id": 77} for command in ("show", "again", "extend")}
    asked = await ann.slash(serving.server.world.dm(ann.user), name, **blanks.get(name, {}))
    await serving.server.until(lambda: asked.shown or (asked.original is not None and asked.original.deleted))
    assert asked.answered_after < 3


async def test_every_action_answers_a_stranger(serving: ChatFixture, ann: UserClient) -> None:
    dm, many = serving.server.world.dm(ann.user), ("\u202e😀 <b>@everyone</b> {x} " * 20)[:400]
    values = {"words": many, "text": many, "min": 500, "max": -3, "age": "abc", "gender": "x", "notes": many}
    for command in COMMANDS:
        for action in command.actions:
            given = {option.name: values[option.name] for option in action.options}
            asked = await ann.slash(dm, f"{command.name} {action.name}", **given)
            (shown,) = await serving.server.until(partial(shown_for, asked))
            assert not shown.pings_everyone


async def test_two_thousand_characters_of_genres_are_refused_in_a_sentence(
    serving: ChatFixture, ann: UserClient
) -> None:
    dm = serving.server.world.dm(ann.user)
    asked = await ann.slash(dm, "genres set", words="x" * 500)
    assert "too long" in (await answer(serving, asked))


async def test_history_show_and_export(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    song = await serving.delivered(ann.user, dm)
    listed = await ann.slash(dm, "history")
    text = await answer(serving, listed)
    assert str(song.id) in text
    exported = await ann.slash(dm, "privacy export")
    (shown,) = await serving.server.until(lambda: exported.shown)
    (packed,) = shown.attachments
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert sorted(archive.namelist()) == ["data.json", "songs/1.mp3"]
        assert archive.read("songs/1.mp3") == song.attachments[0].data


async def test_history_has_pages_with_votes_and_links(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    songs = [await serving.delivered(ann.user, dm) for _ in range(7)]
    await ann.press(songs[6], "👍")
    await serving.server.until(lambda: labels(songs[6])[0] == "👍 1")
    asked = await ann.slash(dm, "history")
    (page,) = await serving.server.until(lambda: asked.shown)
    first = page.content.replace("\\", "")
    assert re.findall(r"#(\d+)", first) == ["7", "6", "5", "4", "3"]
    assert "👍" in first.splitlines()[0]
    assert f"/{dm.id}/{songs[6].id}" in first
    await ann.press(page, "Older songs")
    await serving.server.until(lambda: "#1" in page.content)
    assert re.findall(r"#(\d+)", page.content) == ["2", "1"]
    assert page.parts == []


async def test_language_that_was_chosen_overrules_the_apps(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    assert "中文" in await answer(serving, await ann.slash(dm, "language", language="zh"))
    assert "发给我" in await answer(serving, await ann.slash(dm, "help"))
    assert "没有看到图片" in await answer(serving, await ann.slash(dm, "selfie", photo=File("notes.txt", b"hello")))


async def test_queue_and_cancel(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    await ann.slash(dm, "mood", label="sad")
    await serving.until_song(SongState.RECEIVED)
    asked = await ann.slash(dm, "queue")
    (listed,) = await serving.server.until(lambda: asked.shown)
    assert "#1" in listed.content
    assert labels(listed) == ["Cancel #1"]
    assert "cancelled" in await answer(serving, await ann.slash(dm, "cancel", id=1))
    await serving.until_song(SongState.CANCELLED)
    assert "None of your songs" in await answer(serving, await ann.slash(dm, "queue"))


async def test_delete_asks_once_then_removes_everything(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    await serving.delivered(ann.user, dm)
    asked = await ann.slash(dm, "privacy delete")
    (question,) = await serving.server.until(lambda: asked.shown)
    await ann.press(question, "1:erase:0:yes")
    await serving.server.until(lambda: not question.parts)
    assert await serving.process.deps.read(lambda unit: unit.users.find("discord", str(ann.user.id))) is None
