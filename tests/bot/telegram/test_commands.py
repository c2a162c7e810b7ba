"""Typed commands, with arguments and as menus, in both languages; and what Telegram's own menus show of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.telegram.bot_profile import MEMORY
from bot.telegram.origins import PLATFORM
from handlers.commands.registry import COMMANDS
from handlers.key_values import get_value
from handlers.texts import sentence
from tests.bot.telegram.chat_fixture import ChatFixture


async def test_start_tells_and_asks_once(at: ChatFixture) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        tour = await at.server.answer(alice.says("/start"))
        assert "deleted" in tour.text
        alice.presses(tour, "Accept")
        await at.server.until(lambda: len(alice.chat.from_bot()) > 1 or tour.edits)
        again = await at.server.answer(alice.says("/start"))
    assert not again.buttons


async def test_start_in_a_group_tells_the_person_in_their_own_chat(at: ChatFixture) -> None:
    """It comes along when somebody adds the bot by a link."""
    alice = await at.person(accepted=False)
    group = at.server.group("Friends", alice)
    async with at.serving():
        alice.says("/start@selfietune_bot hi", to=group)
        (tour,) = await at.server.until(alice.chat.from_bot)
    assert "Accept" in tour.buttons
    assert not group.from_bot()


async def test_a_mood_from_the_menu_is_a_song_with_a_card(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        menu = await at.server.answer(alice.says("/mood"))
        press = alice.presses(menu, "happy")
        card = await at.server.answer(menu)
        await at.server.until(lambda: press.answers)
    assert any(":cancel:" in token for token in card.buttons.values())
    assert not menu.buttons
    assert len(await at.songs_of(alice)) == 1


async def test_privacys_buttons_export_and_ask_before_deleting(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        told = await at.server.answer(alice.says("/privacy"))
        alice.presses(told, "Export a copy")
        await at.server.until(lambda: alice.chat.from_bot("document"))
        alice.presses(told, "Delete everything")
        asked = await at.server.until(lambda: next((m for m in alice.chat.from_bot() if "Keep it" in m.buttons), None))
        assert asked
        press = alice.presses(asked, "Delete everything")
        await at.server.until(lambda: press.answers)
    assert await at.process.deps.read(lambda unit: unit.users.find(PLATFORM, str(alice.user.id))) is None


async def test_arguments_are_kept(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        for typed in ("/genres add jazz, lo-fi", "/tempo 70-110", "/avoid heavy drums", "/instruments piano"):
            await at.server.answer(alice.says(typed))
        shown = [await at.server.answer(alice.says(f"/{name}")) for name in ("genres", "tempo", "avoid", "instruments")]
    for answer, kept in zip(shown, ("lo-fi", "70", "heavy drums", "piano"), strict=True):
        assert kept in answer.text


async def test_without_arguments_a_menu_of_switches_that_changes_in_place(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        menu = await at.server.answer(alice.says("/genres"))
        label, token = next((each, token) for each, token in menu.buttons.items() if ":genre:" in token)
        press = alice.presses(menu, label)
        await at.server.until(lambda: menu.edits and press.answers)
        assert token in menu.buttons.values()
        assert label not in menu.buttons  # it is marked now
        assert len(alice.chat.from_bot()) == 1


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
async def test_every_command_answers(at: ChatFixture, command: str) -> None:
    alice = await at.person()
    async with at.serving():
        answer = await at.server.answer(alice.says(f"/{command}"))
    assert answer.text
    assert "Something broke" not in answer.text


async def test_a_named_mood_begins_a_song(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        card = await at.server.answer(alice.says("/mood happy"))
    assert any(":cancel:" in token for token in card.buttons.values())
    (song,) = await at.songs_of(alice)
    assert song.options
    assert song.options["mood"] == "happy"


async def test_chinese_people_read_chinese_and_may_change_it(at: ChatFixture) -> None:
    mei = await at.person("Mei", language_code="zh")
    async with at.serving():
        assert "照片" in (await at.server.answer(mei.says("/selfie@selfietune_bot"))).text
        await at.server.answer(mei.says("/language en"))
        assert "photo" in (await at.server.answer(mei.says("/selfie"))).text


async def test_export_comes_as_a_file_to_the_persons_own_chat(at: ChatFixture) -> None:
    alice = await at.person()
    group = at.server.group("Friends", alice)
    async with at.serving():
        alice.says("/privacy export", to=group)
        await at.server.until(lambda: alice.chat.from_bot("document"))
    assert not group.from_bot()


async def test_unknown_commands_and_small_talk_get_a_pointer(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        assert "/help" in (await at.server.answer(alice.says("/dance"))).text
        assert "photo" in (await at.server.answer(alice.says("good morning"))).text


async def test_menus_and_descriptions_are_set_in_both_languages_and_only_once(at: ChatFixture) -> None:
    profile = at.server.world.profile
    async with at.serving():
        while await get_value(MEMORY, deps=at.process.deps) is None:  # noqa: ASYNC110 - a row is looked at
            await asyncio.sleep(0.02)
    async with at.serving():
        await at.server.until(lambda: len(at.server.sent("deleteWebhook")) == 2)
        await at.process.deps.clock.sleep(0.2)
    assert len(at.server.sent("setMyCommands")) == 4
    private = profile["commands", "zh", '{"type": "all_private_chats"}']
    groups = profile["commands", "", '{"type": "all_group_chats"}']
    assert isinstance(private, list)
    assert isinstance(groups, list)
    assert [each["command"] for each in private] == ["start", *(command.name for command in COMMANDS)]
    assert [each["description"] for each in private[1:]] == [sentence("zh", command.about) for command in COMMANDS]
    assert "mood" in [each["command"] for each in groups]
    assert len(groups) < len(private)
    for text, code in (("Description", "profile_description"), ("ShortDescription", "profile_short")):
        assert [profile[text, language] for language in ("", "zh")] == [sentence(each, code) for each in ("en", "zh")]
