"""Each method does what it should with what is allowed, and refuses the rest in Telegram's words."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, InvalidToken, NetworkError
from telegram.request import HTTPXRequest

from tests.telegram_server import TelegramServer

Attempt = Callable[[Bot, int], Awaitable[object]]


def jpeg(width: int, height: int, *, noise: bool = False) -> bytes:
    buffer = io.BytesIO()
    picture = Image.effect_noise((width, height), 100) if noise else Image.new("RGB", (width, height))
    picture.save(buffer, "JPEG", quality=100)
    return buffer.getvalue()


def key(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup.from_button(InlineKeyboardButton("press", callback_data=data))


SONG = b"ID3" + bytes(2000)
REFUSED: list[tuple[str, Attempt]] = [
    ("message text is empty", lambda bot, chat: bot.send_message(chat, " ")),
    ("message is too long", lambda bot, chat: bot.send_message(chat, "x" * 4097)),
    ("Unsupported start tag", lambda bot, chat: bot.send_message(chat, "I <3 it", "HTML")),
    ("Unclosed start tag", lambda bot, chat: bot.send_message(chat, "a <b", "HTML")),
    ("Can't find end tag", lambda bot, chat: bot.send_message(chat, "<b>bold", "HTML")),
    ("Unexpected end tag", lambda bot, chat: bot.send_message(chat, "bold</b>", "HTML")),
    ("Unmatched end tag", lambda bot, chat: bot.send_message(chat, "<b><i>x</b></i>", "HTML")),
    ("BUTTON_DATA_INVALID", lambda bot, chat: bot.send_message(chat, "x", reply_markup=key("é" * 32 + "x"))),
    ("BUTTON_DATA_INVALID", lambda bot, chat: bot.send_message(chat, "x", reply_markup=key(""))),
    (
        "message to be replied not found",
        lambda bot, chat: bot.send_message(chat, "x", reply_parameters=ReplyParameters(99)),
    ),
    ("message caption is too long", lambda bot, chat: bot.send_audio(chat, SONG, caption="x" * 1025)),
    ("MP3 or M4A", lambda bot, chat: bot.send_audio(chat, b"RIFF" + bytes(99))),
    ("file must be non-empty", lambda bot, chat: bot.send_audio(chat, b"")),
    ("wrong file identifier", lambda bot, chat: bot.send_audio(chat, "unknown-id")),
    ("thumbnail must", lambda bot, chat: bot.send_audio(chat, SONG, thumbnail=jpeg(321, 10))),
    (
        "thumbnail must",
        lambda bot, chat: bot.send_audio(chat, SONG, thumbnail=jpeg(320, 320, noise=True) * 4),
    ),
    ("thumbnail must", lambda bot, chat: bot.send_audio(chat, SONG, thumbnail=b"no picture")),
    ("IMAGE_PROCESS_FAILED", lambda bot, chat: bot.send_photo(chat, b"no picture")),
    ("PHOTO_INVALID_DIMENSIONS", lambda bot, chat: bot.send_photo(chat, jpeg(2100, 100))),
    ("wrong parameter action", lambda bot, chat: bot.send_chat_action(chat, "singing")),
    ("message to edit not found", lambda bot, chat: bot.edit_message_text("x", chat, 99)),
    ("message can't be edited", lambda bot, chat: bot.edit_message_text("x", chat, 1)),
    ("there is no caption", lambda bot, chat: bot.edit_message_caption(chat, 2, caption="x")),
    ("message is not modified", lambda bot, chat: bot.edit_message_text("hello", chat, 2)),
    ("there is no text", lambda bot, chat: bot.edit_message_text("x", chat, 3)),
    ("message to delete not found", lambda bot, chat: bot.delete_message(chat, 99)),
    ("query is too old", lambda bot, _: bot.answer_callback_query("1")),
    ("REACTION_INVALID", lambda bot, chat: bot.set_message_reaction(chat, 1, "🎹")),
    ("message to react not found", lambda bot, chat: bot.set_message_reaction(chat, 99, "👍")),
    ("wrong file_id", lambda bot, _: bot.get_file("unknown-id")),
    ("BOT_COMMAND_INVALID", lambda bot, _: bot.set_my_commands([("Mood", "upper case")])),
    ("BOT_COMMAND_DESCRIPTION_INVALID", lambda bot, _: bot.set_my_commands([("mood", "x" * 257)])),
    ("BOT_COMMANDS_TOO_MUCH", lambda bot, _: bot.set_my_commands([("mood", "x")] * 101)),
    (
        "invalid language code",
        lambda bot, _: bot.set_my_commands([("mood", "x")], language_code="zh-hans"),
    ),
    ("short description is too long", lambda bot, _: bot.set_my_short_description("x" * 121)),
]


@pytest.mark.parametrize(("refusal", "attempt"), REFUSED, ids=[f"{i}-{r}" for i, (r, _) in enumerate(REFUSED)])
async def test_what_is_not_allowed_is_refused_and_kept(
    server: TelegramServer, bot: Bot, refusal: str, attempt: Attempt
) -> None:
    alice = server.person("Alice")
    alice.says("hi")
    await bot.send_message(alice.chat.id, "hello")
    await bot.send_audio(alice.chat.id, SONG)
    before = len(alice.chat.messages)
    with pytest.raises(BadRequest) as refused:
        await attempt(bot, alice.chat.id)
    assert refusal.lower() in str(refused.value).lower()
    assert len(alice.chat.messages) == before
    with pytest.raises(AssertionError, match="against the Bot API's rules"):
        server.check()
    server.expect(refusal)


async def test_an_expectation_that_does_not_come_true_fails_the_test(server: TelegramServer) -> None:
    server.expect("message is too long")
    with pytest.raises(AssertionError, match="did not happen"):
        server.check()
    server.violations.append("message is too long")


async def test_html_becomes_entities(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    sent = await bot.send_message(alice.chat.id, "🎵 <b>A &amp; <i>B</i></b> &lt;3 & @someone_else", "HTML")
    assert sent.text == "🎵 A & B <3 & @someone_else"
    assert [(entity.type, part) for entity, part in sent.parse_entities().items()] == [
        ("bold", "A & B"),
        ("italic", "B"),
    ]
    await bot.send_message(alice.chat.id, "x" * 4096)
    await bot.send_message(alice.chat.id, "<b>" + "x" * 4096 + "</b>", "HTML")


async def test_a_song_arrives_with_all_that_belongs_to_it(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    asked = alice.says("song?")
    sent = await bot.send_audio(
        alice.chat.id, SONG, filename="song.mp3", title="Sunny", performer="Selfietune", duration=30,
        caption="<i>happy</i>", parse_mode="HTML", thumbnail=jpeg(320, 320), reply_markup=key("v1:up"),
        reply_to_message_id=asked.id,
    )  # fmt: skip
    (song,) = alice.chat.from_bot("audio")
    assert sent.audio
    assert sent.reply_to_message
    assert (sent.audio.title, sent.audio.performer, sent.audio.file_name) == (
        "Sunny",
        "Selfietune",
        "song.mp3",
    )
    assert sent.audio.thumbnail
    assert (song.content["audio"]["duration"], song.text, song.buttons) == (30, "happy", {"press": "v1:up"})
    assert await (await bot.get_file(sent.audio)).download_as_bytearray() == SONG
    again = await bot.send_audio(alice.chat.id, sent.audio)
    assert again.audio
    assert again.audio.file_unique_id == sent.audio.file_unique_id


async def test_uploads_end_at_50_mb(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_audio(alice.chat.id, b"ID3" + bytes(51_500_000), read_timeout=20)
    server.expect("entity too large")


async def test_editing_replaces_text_and_keyboard(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    sent = await bot.send_message(alice.chat.id, "reading", reply_markup=key("é" * 32))  # 64 bytes
    await bot.edit_message_text("rendering", alice.chat.id, sent.message_id, reply_markup=key("cancel"))
    await bot.edit_message_text("done", alice.chat.id, sent.message_id)
    (card,) = alice.chat.messages
    assert [content["text"] for _, content in card.edits] == ["reading", "rendering"]
    assert (card.text, card.buttons) == ("done", {})
    await bot.edit_message_reply_markup(alice.chat.id, sent.message_id, reply_markup=key("again"))
    assert card.buttons == {"press": "again"}
    song = await bot.send_audio(alice.chat.id, SONG, caption="0 votes")
    await bot.edit_message_caption(alice.chat.id, song.message_id, caption="1 vote")
    assert "audio" in alice.chat.messages[1].content
    await bot.delete_message(alice.chat.id, sent.message_id)
    assert alice.chat.from_bot() == [alice.chat.messages[1]]


async def test_deleting_other_peoples_messages_needs_an_admin(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    group = server.group("Friends", alice)
    alice.says("hi", to=group)
    server.expect("message can't be deleted")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, 1)
    admins = server.group("Admins", alice, admin=True)
    alice.says("hi", to=admins)
    assert await bot.delete_message(admins.id, 1)


async def test_an_answer_to_a_press_has_at_most_200_characters(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    press = alice.presses(alice.says("x"), data="x")
    await bot.answer_callback_query(press.id, "x" * 200)
    server.expect("MESSAGE_TOO_LONG")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(press.id, "x" * 201)


async def test_profile_in_scopes_and_languages(server: TelegramServer, bot: Bot) -> None:
    groups = BotCommandScopeAllGroupChats()
    await bot.set_my_commands([BotCommand("mood", "Read my mood")])
    await bot.set_my_commands([("mood", "读出心情")], scope=groups, language_code="zh")
    assert [command.description for command in await bot.get_my_commands()] == ["Read my mood"]
    assert [c.description for c in await bot.get_my_commands(groups, "zh")] == ["读出心情"]
    assert await bot.get_my_commands(groups) == ()
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    await bot.set_my_description("A song for your mood")
    await bot.set_my_short_description("心情之歌", language_code="zh")
    await bot.set_my_name("Selfietune")
    assert (await bot.get_my_description("zh")).description == "A song for your mood"  # falls back
    assert (await bot.get_my_short_description("zh")).short_description == "心情之歌"


async def test_chat_actions_and_reactions_are_seen(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    said = alice.says("hi")
    await bot.send_chat_action(alice.chat.id, "upload_voice")
    await bot.set_message_reaction(alice.chat.id, said.id, "👍")
    assert [action for _, action in alice.chat.actions] == ["upload_voice"]
    assert said.reactions == {bot.id: ["👍"]}


async def test_unknown_methods_and_tokens(server: TelegramServer, bot: Bot) -> None:
    server.expect("logOut: Not Found")
    with pytest.raises(InvalidToken):
        await bot.log_out()
    for token in ("1:wrong", f"1:{'x' * 35}"):
        async with HTTPXRequest() as request:
            with pytest.raises(InvalidToken):
                await Bot(token, base_url=f"{server.url}/bot", request=request).get_me()
