"""What people do arrives as the library's own objects; what they may not, or block, is kept from the bot."""

from __future__ import annotations

import io
from typing import Literal

import pytest
from PIL import Image
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden
from telegram.ext import CallbackQueryHandler, CommandHandler, ContextTypes

from tests.telegram_server import TelegramServer
from tests.telegram_server.conftest import Run

Context = ContextTypes.DEFAULT_TYPE


async def messages(bot: Bot) -> list[Message]:
    """Fetch and confirm what waits."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return [update.message for update in updates if update.message]


async def test_a_photo_comes_in_several_sizes_and_can_be_downloaded(
    server: TelegramServer, bot: Bot, picture: bytes
) -> None:
    server.person("Alice", language_code="zh").sends_photo(picture, caption="/mood please @selfietune_bot")
    (message,) = await messages(bot)
    assert [(size.width, size.height) for size in message.photo] == [
        (90, 54), (320, 192), (800, 480), (1000, 600),
    ]  # fmt: skip
    assert message.from_user
    assert message.from_user.language_code == "zh"
    assert list(message.parse_caption_entities().values()) == ["/mood", "@selfietune_bot"]
    data = await (await bot.get_file(message.photo[-1])).download_as_bytearray()
    with Image.open(io.BytesIO(data)) as downloaded:
        assert downloaded.size == (1000, 600)
    assert len(data) == message.photo[-1].file_size


@pytest.mark.parametrize("kind", ["document", "video", "video_note", "voice", "audio"])
async def test_files_of_every_kind(server: TelegramServer, bot: Bot, kind: str) -> None:
    alice = server.person("Alice")
    asked = alice.says("what?")
    alice.sends_file(kind, b"bytes of it", caption="" if kind == "video_note" else "hum", reply_to=asked)
    _, message = await messages(bot)
    attachment = getattr(message, kind)
    assert message.reply_to_message
    assert message.reply_to_message.text == "what?"
    assert attachment.file_size == 11
    assert await (await bot.get_file(attachment)).download_as_bytearray() == b"bytes of it"


async def test_stated_sizes_can_lie_and_downloads_end_at_20_mb(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    alice.sends_file("video", b"short", size=20_000_001)
    alice.sends_file("document", bytes(20_000_001), size=None)
    large, silent = await messages(bot)
    assert large.video
    assert silent.document
    assert (large.video.file_size, silent.document.file_size) == (20_000_001, None)
    server.expect("getFile: Bad Request: file is too big")
    for attachment in (large.video, silent.document):
        with pytest.raises(BadRequest, match="File is too big"):
            await bot.get_file(attachment)


async def test_an_album_is_one_update_a_photo_under_one_id(server: TelegramServer, bot: Bot, picture: bytes) -> None:
    server.person("Alice").sends_album([picture] * 3, caption="us")
    album = await messages(bot)
    assert len({message.media_group_id for message in album}) == 1
    assert [message.caption for message in album] == ["us", None, None]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("hello all", False), ("/mood", True), ("/mood@selfietune_bot", True), ("/mood@other_bot", False),
        ("what says @SelfieTune_bot?", True), ("mail me at a@selfietune_bot", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("setting", ["private", "open", "admin"])
async def test_privacy_mode(
    server: TelegramServer, bot: Bot, text: str, seen: bool, setting: Literal["private", "open", "admin"]
) -> None:
    alice = server.person("Alice")
    server.world.privacy_mode = setting != "open"
    group = server.group("Friends", alice, admin=setting == "admin")
    alice.says(text, to=group)
    assert [message.text for message in await messages(bot)] == ([text] if seen or setting != "private" else [])


async def test_a_reply_carries_a_photo_that_the_bot_was_not_shown(
    server: TelegramServer, bot: Bot, picture: bytes
) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    group = server.group("Friends", alice)
    photo = alice.sends_photo(picture, to=group)
    bob.says("/mood", to=group, reply_to=photo)
    (message,) = await messages(bot)
    assert message.reply_to_message
    assert await bot.get_file(message.reply_to_message.photo[-1])


async def test_replies_to_the_bot_are_seen_in_groups(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    group = server.group("Friends", alice)
    await bot.send_message(group.id, "a song")
    alice.says("lovely", to=group, reply_to=group.from_bot()[0])
    assert [message.text for message in await messages(bot)] == ["lovely"]


async def offer(update: Update, context: Context) -> None:
    assert update.message
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("👍 0", callback_data="vote:1:up")]])
    await update.message.reply_html("<b>song</b>", reply_markup=keyboard)


async def pressed(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query
    try:
        await query.answer(f"{query.from_user.first_name} pressed {query.data}"[:200])
    except BadRequest as error:
        assert "Query is too old" in str(error)  # noqa: PT017


async def test_buttons_pressed_in_every_way(server: TelegramServer, run: Run) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    group = server.group("Friends", alice)
    async with run(CommandHandler("song", offer), CallbackQueryHandler(pressed)):
        song = await server.answer(alice.says("/song", to=group))
        presses = [
            alice.presses(song, "👍 0"), bob.presses(song, "👍 0"), bob.presses(song, data="\x00" * 64),
            bob.presses(song, "👍 0", gone=True), bob.presses(song, "👍 0", stale=True),
        ]  # fmt: skip
        await server.until(lambda: all(press.answers for press in presses))
    assert presses[0].answers == ["Alice pressed vote:1:up"]
    assert [call.status for call in server.sent("answerCallbackQuery")] == [200] * 4 + [400]


async def test_a_press_on_a_message_that_is_gone(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    keyboard = InlineKeyboardMarkup.from_button(InlineKeyboardButton("again", callback_data="a"))
    await bot.send_message(alice.chat.id, "old", reply_markup=keyboard)
    alice.presses(alice.chat.messages[0], "again", gone=True)
    query = (await bot.get_updates())[-1].callback_query
    assert isinstance(query, CallbackQuery)
    assert query.message
    assert not query.message.is_accessible
    await query.answer()


async def test_a_press_that_is_never_answered_fails_the_test(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    await bot.send_message(alice.chat.id, "hm")
    alice.presses(alice.chat.messages[0], data="x")
    with pytest.raises(AssertionError, match="was never answered"):
        server.check()
    server.expect("was never answered")


async def test_who_somebody_is_in_a_group(server: TelegramServer, bot: Bot) -> None:
    alice, bob, carol = (server.person(name) for name in ("Alice", "Bob", "Carol"))
    group = server.group("Friends", alice)
    group.admins.add(bob.user.id)
    found = [await bot.get_chat_member(group.id, person.user.id) for person in (alice, bob, carol)]
    assert [member.status for member in found] == ["creator", "administrator", "member"]
    server.expect("user not found")
    with pytest.raises(BadRequest, match="User not found"):
        await bot.get_chat_member(group.id, 1)


async def test_topics_are_written_to_and_threads_of_replies_are_none(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    forum = server.group("Forum", alice, topics=[5])
    alice.says("/a", to=forum, topic=5)
    sent = await bot.send_message(forum.id, "b", message_thread_id=5)
    assert (sent.message_thread_id, sent.is_topic_message) == (5, True)
    forum.topics.clear()
    with pytest.raises(BadRequest, match="Message thread not found"):  # nobody's mistake
        await bot.send_message(forum.id, "c", message_thread_id=5)
    group = server.group("Friends", alice, supergroup=True)
    alice.says("/d", to=group, reply_to=alice.says("/e", to=group))
    *_, reply = await messages(bot)
    assert (reply.message_thread_id, reply.is_topic_message) == (1, None)
    server.expect("message thread not found")
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "f", message_thread_id=1)


@pytest.mark.parametrize("admin", [False, True])
async def test_reactions_in_groups_come_to_an_admin_only(server: TelegramServer, bot: Bot, admin: bool) -> None:
    await bot.get_updates(allowed_updates=["message_reaction"])
    alice = server.person("Alice")
    group = server.group("Friends", alice, admin=admin)
    await bot.send_message(group.id, "a song")
    alice.reacts(group.from_bot()[0], "👍")
    assert len(await bot.get_updates()) == admin


async def test_blocked_and_unknown_chats(server: TelegramServer, bot: Bot) -> None:
    alice, bob = server.person("Alice"), server.person("Bob", started=False)
    alice.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(alice.chat.id, "hi")
    server.check()  # being blocked is nobody's mistake
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(bob.chat.id, "hi")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "hi")
    server.expect("can't initiate conversation")
    server.expect("chat not found")
    alice.says("/start")
    await bot.send_message(alice.chat.id, "hi again")
    (change,) = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert change.new_chat_member.status == "kicked"


async def test_a_group_becomes_a_supergroup(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    group = server.group("Friends", alice)
    supergroup = server.migrate(group, alice)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "hi")
    assert moved.value.new_chat_id == supergroup.id
    await bot.send_message(supergroup.id, "hi")
    told = [(m.migrate_to_chat_id, m.migrate_from_chat_id) for m in await messages(bot)]
    assert told == [(supergroup.id, None), (None, group.id)]
