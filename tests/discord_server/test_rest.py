"""Messages, files, nonces, permissions, reactions and commands; each limit is broken once."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_server import Channel, DiscordServer, File, UserClient
from tests.discord_server.demo_bot import DemoBot, pointed_at
from tests.discord_server.entities import ADD_REACTIONS, ATTACH, HISTORY, MIB, SEND, VIEW
from tests.discord_server.raw_call import raw_call


@pytest.fixture
def ann(server: DiscordServer) -> UserClient:
    return server.person("ann")


@pytest.fixture
def room(server: DiscordServer, ann: UserClient) -> Channel:
    """A guild's channel; made before the bot, it is in the bot's GUILD_CREATE."""
    return server.world.channel(server.world.guild("g", owner=ann.user), "songs")


def place(bot: DemoBot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_song_message_is_a_reply_with_file_embed_and_buttons(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    selfie = await ann.post(room, f"<@{server.world.bot.id}> my face", files=(File("me.jpg", b"photo"),))
    (heard,) = await server.until(lambda: bot.messages)
    assert await heard.attachments[0].read() == b"photo"
    embed = discord.Embed(title="happy, 92 %").set_image(url="attachment://wave.png")
    files = [discord.File(io.BytesIO(b"mp3"), "song.mp3"), discord.File(io.BytesIO(b"png"), "wave.png")]
    await heard.reply("here", files=files, embed=embed)
    song = server.world.seen_by(ann.user, room)[-1]
    assert [(a.filename, a.data) for a in song.attachments] == [("song.mp3", b"mp3"), ("wave.png", b"png")]
    assert song.reply_to is selfie
    assert song.embeds[0]["title"] == "happy, 92 %"


async def test_edit_keeps_what_it_does_not_name(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    sent = await place(bot, room).send("0 %", file=discord.File(io.BytesIO(b"a"), "a.txt"))
    await sent.edit(content="43 %")
    message = server.world.messages[sent.id]
    assert (message.content, message.edits, len(message.attachments)) == ("43 %", 1, 1)
    await sent.edit(attachments=[discord.File(io.BytesIO(b"b"), "b.txt")])
    assert [a.filename for a in message.attachments] == ["b.txt"]
    await sent.delete()
    assert message.deleted
    with pytest.raises(discord.NotFound) as gone:
        await sent.edit(content="x")
    assert gone.value.code == 10008
    server.take(10008)


async def test_enforced_nonce_posts_once_for_some_minutes(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    first = await place(bot, room).send("song", nonce="deliver-1")
    again = await place(bot, room).send("song", nonce="deliver-1")
    other = await place(bot, room).send("failed", nonce="failed-1")
    assert first.id == again.id != other.id
    server.clock.advance(301)
    assert (await place(bot, room).send("song", nonce="deliver-1")).id != first.id
    with pytest.raises(discord.HTTPException) as refused:
        await place(bot, room).send("song", nonce="x" * 26)
    assert refused.value.code == 50035
    server.take(50035)


async def test_everyone_is_pinged_only_when_allowed(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    await place(bot, room).send("hello @everyone")
    await place(bot, room).send("hello @here", allowed_mentions=discord.AllowedMentions(everyone=True))
    quiet, loud = server.world.seen_by(ann.user, room)
    assert (quiet.pings_everyone, loud.pings_everyone) == (False, True)
    await raw_call(server, "POST", f"/channels/{room.id}/messages", {"content": "@everyone"})
    assert server.world.seen_by(ann.user, room)[-1].pings_everyone


async def test_uploads_over_the_limits_are_refused(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    assert place(bot, room).guild.filesize_limit == room.file_limit == 10 * MIB
    for sizes in ((10 * MIB + 1,), (9 * MIB, 9 * MIB, 9 * MIB)):
        with pytest.raises(discord.HTTPException) as refused:
            await place(bot, room).send(files=[discord.File(io.BytesIO(bytes(n)), "a.mp3") for n in sizes])
        assert (refused.value.status, refused.value.code) == (413, 40005)
    server.messages.file_limit = 10
    with pytest.raises(discord.HTTPException):
        await place(bot, room).send(file=discord.File(io.BytesIO(b"eleven byte"), "a.mp3"))
    assert len(server.take(40005)) == 3
    await ann.post(room, files=(File("large.jpg", bytes(11)),))


@pytest.mark.parametrize(("denied", "code"), [(VIEW, 50001), (SEND, 50013), (ATTACH, 50013), (HISTORY, 160002)])
async def test_permissions_taken_away_are_missed(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot, denied: int, code: int
) -> None:
    selfie = await ann.post(room, f"<@{server.world.bot.id}>")
    (heard,) = await server.until(lambda: bot.messages)
    await ann.close_channel(room, denied=denied)
    with pytest.raises(discord.HTTPException) as refused:
        await heard.reply("x", file=discord.File(io.BytesIO(b"x"), "x.mp3"))
    assert refused.value.code == code
    assert server.world.seen_by(ann.user, room) == [selfie]
    await server.until(lambda: place(bot, room).permissions_for(heard.guild.me).value & denied == 0)  # type: ignore[union-attr]
    server.take(code)


async def test_deleted_channel_and_closed_dm(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    target = place(bot, room)
    await ann.delete_channel(room)
    with pytest.raises(discord.NotFound) as gone:
        await target.send("x")
    assert gone.value.code == 10003
    user = await bot.fetch_user(ann.user.id)
    await user.send("hello")
    await ann.close_channel(server.world.dm(ann.user))
    with pytest.raises(discord.Forbidden) as closed:
        await user.send("hello?")
    assert closed.value.code == 50007
    assert (len(server.take(10003)), len(server.take(50007))) == (1, 1)
    assert server.faults.invalid == 1


async def test_reply_to_a_deleted_message_fails_unless_told_otherwise(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    selfie = await ann.post(room, f"<@{server.world.bot.id}>")
    (heard,) = await server.until(lambda: bot.messages)
    await ann.delete(selfie)
    with pytest.raises(discord.HTTPException) as refused:
        await heard.reply("song")
    assert refused.value.code == 50035
    server.take(50035)
    sent = await place(bot, room).send("song", reference=heard.to_reference(fail_if_not_exists=False))
    assert sent.reference is None
    assert await server.until(lambda: bot.deletions) == [selfie.id]


async def test_reactions_typing_history_and_foreign_messages(
    server: DiscordServer, ann: UserClient, room: Channel, bot: DemoBot
) -> None:
    sent = await place(bot, room).send("song")
    await sent.add_reaction("👍")
    await place(bot, room).typing()
    assert server.rest.typing == [room.id]
    message = server.world.messages[sent.id]
    await ann.react(message, "👍")
    assert message.reactions == {"👍": [server.world.bot, ann.user]}
    await sent.remove_reaction("👍", bot.user)  # type: ignore[arg-type]
    (read,) = [m async for m in place(bot, room).history(limit=5)]
    assert [(r.emoji, r.count, r.me) for r in read.reactions] == [("👍", 1, False)]
    foreign = await ann.post(room, "mine")
    for method, code in (("PATCH", 50005), ("DELETE", 50013)):
        path = f"/channels/{room.id}/messages/{foreign.id}"
        assert await raw_call(server, method, path, {"content": "x"}) == (403, code)
        server.take(code)


async def test_reactions_and_typing_need_permission(server: DiscordServer, ann: UserClient, room: Channel) -> None:
    message = await ann.post(room, "mine")
    await ann.react(message, "👍")
    reactions = f"/channels/{room.id}/messages/{message.id}/reactions"
    assert await raw_call(server, "PUT", f"{reactions}/name:123/@me") == (400, 10014)
    assert await raw_call(server, "DELETE", f"{reactions}/👍/{ann.user.id}") == (403, 50013)
    await ann.close_channel(room, denied=SEND | ADD_REACTIONS)
    assert await raw_call(server, "PUT", f"{reactions}/👍/@me") == (403, 50013)
    assert await raw_call(server, "POST", f"/channels/{room.id}/typing") == (403, 50013)
    assert message.reactions == {"👍": [ann.user]}
    assert (len(server.take(50013)), len(server.take(10014))) == (3, 1)


async def test_broken_json_is_refused(server: DiscordServer, room: Channel) -> None:
    assert await raw_call(server, "POST", f"/channels/{room.id}/messages", b"{broken") == (400, 50109)
    server.take(50109)


async def test_attachment_urls_are_signed_and_end(server: DiscordServer, room: Channel, ann: UserClient) -> None:
    posted = await ann.post(room, files=(File("my face.jpg", b"photo"),))
    url = server.world.attachment_url(room, posted.attachments[0])
    assert "/my_face.jpg?" in url

    async def download(url: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status, response.content_type

    assert await download(url) == (200, "image/jpeg")
    assert (await download(url.replace("hm=", "hm=0")))[0] == 404
    server.clock.advance(86_401)
    assert (await download(url))[0] == 404
    assert (await download(server.world.attachment_url(room, posted.attachments[0])))[0] == 200


async def test_wrong_token_is_refused(server: DiscordServer) -> None:
    async with pointed_at(server), DemoBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")
    assert len(server.take(0)) == 1


async def test_unknown_things(server: DiscordServer) -> None:
    assert await raw_call(server, "GET", "/users/1") == (404, 10013)
    assert await raw_call(server, "GET", "/channels/1") == (404, 10003)
    assert await raw_call(server, "GET", "/no/such/route") == (404, 0)
    assert await raw_call(server, "PUT", "/applications/1/commands", []) == (403, 20012)
    assert [v.code for v in server.violations] == [10013, 10003, 0, 20012]
    server.violations.clear()


ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}]}


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"components": [{"type": 1, "components": list(parts)}]}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "a", "custom_id": "a"} | changes


def select(count: int, **changes: Any) -> dict[str, Any]:
    options = [{"label": str(n), "value": str(n)} for n in range(count)]
    return {"type": 3, "custom_id": "s", "options": options} | changes


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"content": 5}, 50035),
        ({"embeds": [{"title": "t"}] * 11}, 50035),
        (embed(title="x" * 257), 50035),
        (embed(description="x" * 4097), 50035),
        (embed(footer={"text": "x" * 2049}), 50035),
        (embed(author={"name": "x" * 257}), 50035),
        (embed(fields=[{"name": "n", "value": "v"}] * 26), 50035),
        (embed(fields=[{"name": "n" * 257, "value": "v"}]), 50035),
        (embed(fields=[{"name": "n", "value": ""}]), 50035),
        ({"embeds": [{"description": "x" * 3001}] * 2}, 50035),
        ({"components": [ROW | {"components": []}]}, 50035),
        ({"components": [row(button(custom_id=str(n)))["components"][0] for n in range(6)]}, 50035),
        ({"components": [{"type": 17, "components": [button()]}]}, 50035),
        (row(*(button(custom_id=str(n)) for n in range(6))), 50035),
        (row(button(custom_id="x" * 101)), 50035),
        (row(button(custom_id="")), 50035),
        (row(button(label="x" * 81)), 50035),
        (row(button(label="")), 50035),
        (row(button(), button()), 50035),
        (row(button(style=5)), 50035),
        (row(button(url="https://example.org")), 50035),
        (row({"type": 4, "custom_id": "a", "label": "b"}), 50035),
        (row(select(26)), 50035),
        (row(select(0)), 50035),
        (row(select(2), button()), 50035),
        (row(select(2, placeholder="x" * 151)), 50035),
        (row(select(2, max_values=3)), 50035),
        (row(select(1, options=[{"label": "x" * 101, "value": "v"}])), 50035),
        (row(select(1, options=[{"label": "l", "value": "v"}] * 2)), 50035),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 50035),
        ({"content": "x", "attachments": [{"id": 0, "filename": "not sent"}]}, 50035),
    ],
)
async def test_messages_have_limits(server: DiscordServer, room: Channel, body: dict[str, Any], code: int) -> None:
    assert await raw_call(server, "POST", f"/channels/{room.id}/messages", body) == (400, code)
    assert server.world.messages == {}
    assert len(server.take(code)) == 1


async def test_messages_at_their_limits_pass(server: DiscordServer, room: Channel) -> None:
    rows = [
        {"type": 1, "components": [button(custom_id=f"{r}{b:099}", label="x" * 80) for b in range(5)]} for r in range(4)
    ]
    rows.append({"type": 1, "components": [select(25)]})
    fields = [{"name": "n" * 10, "value": "v" * 100}] * 25
    body = {
        "content": "x" * 2000,
        "embeds": [{"description": "d" * 3250, "fields": fields}],
        "components": rows,
        "nonce": "n" * 25,
    }
    assert (await raw_call(server, "POST", f"/channels/{room.id}/messages", body))[0] == 200


async def test_missing_picture_of_an_embed_is_noted(server: DiscordServer, room: Channel) -> None:
    body = embed(title="t", image={"url": "attachment://gone.png"})
    assert (await raw_call(server, "POST", f"/channels/{room.id}/messages", body))[0] == 200
    assert "gone.png" in server.take(0)[0].detail


def slash(name: str = "mood", **parts: Any) -> dict[str, Any]:
    return {"name": name, "description": "d", "type": 1} | parts


def option(name: str = "label", kind: int = 3, **parts: Any) -> dict[str, Any]:
    return {"name": name, "description": "d", "type": kind} | parts


LONG = [option(f"o{n}", choices=[{"name": "n" * 100, "value": f"{c}" + "v" * 99} for c in range(4)]) for n in range(10)]


@pytest.mark.parametrize(
    "commands",
    [
        [slash(f"c{n}") for n in range(101)],
        [{"name": f"m {n}", "type": 3} for n in range(16)],
        [slash(), slash()],
        [slash("Mood")],
        [slash("two words")],
        [slash("x" * 33)],
        [slash(description="")],
        [slash(description="x" * 101)],
        [slash(name_localizations={"zh-CN": "心 情"})],
        [slash(name_localizations={"zh": "心情"})],
        [slash(description_localizations={"zh-CN": "x" * 101})],
        [slash(options=[option(f"o{n}") for n in range(26)])],
        [slash(options=[option(), option()])],
        [slash(options=[option("a"), option("b", required=True)])],
        [slash(options=[option("a"), option("b", 1)])],
        [slash(options=[option("a", 2, options=[option("b", 2)])])],
        [slash(options=[option("a", 1, options=[option("b", 1)])])],
        [slash(options=[option("a", 2, options=[option("b")])])],
        [slash(options=[option(choices=[{"name": "n", "value": "v"}] * 26)])],
        [slash(options=[option(choices=[{"name": "n" * 101, "value": "v"}])])],
        [slash(options=[option(choices=[{"name": "n", "value": "v"}], autocomplete=True)])],
        [slash(options=LONG)],
        [{"name": "Make a song", "type": 3, "description": "none"}],
    ],
)
async def test_commands_have_limits(server: DiscordServer, commands: list[dict[str, Any]]) -> None:
    path = f"/applications/{server.world.bot.id}/commands"
    assert await raw_call(server, "PUT", path, commands) == (400, 50035)
    assert server.world.command_syncs == 0
    assert len(server.take(50035)) == 1


async def test_command_syncs_are_counted_and_keep_their_ids(server: DiscordServer, bot: DemoBot) -> None:
    before = {command["name"]: command["id"] for command in server.world.commands}
    assert server.world.command_syncs == 1
    await bot.tree.sync()
    assert server.world.command_syncs == 2
    assert {command["name"]: command["id"] for command in server.world.commands} == before
    fine = slash("心情", name_localizations={"zh-TW": "心情"}, options=LONG[:9])
    assert (await raw_call(server, "PUT", f"/applications/{server.world.bot.id}/commands", [fine]))[0] == 200
