"""The real library answers commands, buttons, menus and modals; each rule on answers is broken once."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.discord_server import DiscordServer, File, Interaction, Message, NotOffered, UserClient
from tests.discord_server.demo_bot import DemoBot, MoodSelect, VoteButton
from tests.discord_server.raw_call import raw_call

PHOTO = File("me.jpg", b"\xff\xd8 a photo")


@pytest.fixture
def ann(server: DiscordServer) -> UserClient:
    return server.person("ann", locale="zh-CN")


async def shown(server: DiscordServer, interaction: Interaction, count: int = 1) -> list[Message]:
    """Wait for as many messages as the interaction shall show."""
    return await server.until(lambda: interaction.shown if len(interaction.shown) >= count else None)


async def test_slash_command_with_a_photo_is_deferred_and_followed_up(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    interaction = await ann.slash(server.world.dm(ann.user), "selfie", photo=PHOTO, note="hi")
    (message,) = await shown(server, interaction)
    assert message.content == f"{len(PHOTO.data)} bytes, zh-CN, hi"
    assert message is interaction.original
    assert message.only_for is ann.user
    assert message not in server.world.seen_by(server.person("bob").user, message.channel)


async def test_group_command_answers_in_a_guild_with_a_followup(
    server: DiscordServer, ann: UserClient, bot: DemoBot
) -> None:
    channel = server.world.channel(server.world.guild("g", owner=ann.user), "songs")
    interaction = await ann.slash(channel, "genres add", genre="jazz")
    first, second = await shown(server, interaction, 2)
    assert (first.content, first.only_for) == ("added jazz", None)
    assert (second.content, second.only_for) == ("and another word", ann.user)


async def test_autocomplete_offers_choices(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    interaction = await ann.complete(server.world.dm(ann.user), "genres add", "genre", "l")
    choices = await server.until(lambda: interaction.choices)
    assert [choice["value"] for choice in choices] == ["lo-fi", "latin"]


async def test_context_menu_carries_the_message_with_its_content(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    channel = server.world.channel(server.world.guild("g", owner=ann.user), "songs")
    posted = await ann.post(channel, "look", files=(PHOTO,))
    (answer,) = await shown(server, await ann.context_menu(channel, "Make a song", posted))
    assert answer.content == "from me.jpg: look"


async def test_modal_is_filled_in_and_answered(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    opened = await ann.slash(server.world.dm(ann.user), "rate")
    await server.until(lambda: opened.modal)
    with pytest.raises(NotOffered):
        await ann.submit(opened, stars="55")
    (answer,) = await shown(server, await ann.submit(opened, stars="5", comment="warm"))
    assert answer.content == "5 stars: warm"


async def test_button_works_for_a_bot_that_never_saw_its_message(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    message = await song_with(server, VoteButton(7))
    interaction = await ann.press(message, "👍")
    await server.until(lambda: interaction.answer)
    assert interaction.answer == 7
    assert message.parts[0]["label"] == "👍 1"
    with pytest.raises(NotOffered):
        await ann.press(message, "👎")


async def test_forged_button_reaches_the_bot(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    message = await song_with(server, VoteButton(7))
    waiting = bot.wait_for("interaction", timeout=5)
    forged = await ann.forge(message, "vote:999")
    assert "vote:999" in str((await waiting).data)
    assert forged.answer is None  # the library looks for the button on the message and finds none


async def song_with(server: DiscordServer, item: discord.ui.Item[Any]) -> Message:
    view = discord.ui.View(timeout=None)
    view.add_item(item)
    channel = server.world.dm(server.person("owner").user)
    parts: dict[str, Any] = {"content": "a song", "components": view.to_components()}
    return await server.messages.write(channel, server.world.bot, parts, {})


async def test_select_menu_is_chosen_from(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(MoodSelect())
    user = await bot.fetch_user(ann.user.id)
    await user.send("which?", view=view)
    (message,) = server.world.seen_by(ann.user, server.world.dm(ann.user))
    (answer,) = await shown(server, await ann.choose(message, "sad"))
    assert answer.content == "noted: sad"
    with pytest.raises(NotOffered):
        await ann.choose(message, "bored")


async def test_commands_work_where_they_are_installed(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    elsewhere = server.world.guild("elsewhere", owner=ann.user, has_bot=False)
    channel = server.world.channel(elsewhere, "talk")
    with pytest.raises(NotOffered):
        await ann.slash(channel, "selfie", photo=PHOTO)
    ann.install()
    with pytest.raises(NotOffered):
        await ann.slash(channel, "rate")
    (answer,) = await shown(server, await ann.slash(channel, "selfie", photo=PHOTO))
    assert answer.only_for is ann.user


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nothing", {}),
        ("genres", {}),
        ("genres drop", {}),
        ("selfie", {}),
        ("selfie", {"photo": PHOTO, "wrong": 1}),
        ("genres add", {"genre": "x" * 41}),
        ("genres add", {"genre": 5}),
    ],
)
async def test_a_person_cannot_send_what_the_client_refuses(
    server: DiscordServer, bot: DemoBot, ann: UserClient, name: str, values: dict[str, Any]
) -> None:
    with pytest.raises(NotOffered):
        await ann.slash(server.world.dm(ann.user), name, **values)


async def test_a_person_cannot_use_what_is_not_on_the_screen(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    dm, choice = server.world.dm(ann.user), {"name": "Happy", "value": "happy"}
    option = {"name": "label", "description": "d", "type": 3, "choices": [choice]}
    server.world.commands.append({"id": "1", "type": 1, "name": "mood", "description": "d", "options": [option]})
    opened = await ann.slash(dm, "rate")
    await server.until(lambda: opened.modal)
    private = (await shown(server, await ann.submit(opened, stars="5")))[0]
    menu = await song_with(server, MoodSelect())
    pressed = await ann.choose(menu, "sad")
    for attempt in (
        ann.slash(dm, "mood", label="bored"),
        ann.complete(dm, "mood", "label", "ha"),
        ann.choose(menu, "happy", "sad"),
        ann.submit(opened, stars="5", more="x"),
        ann.submit(pressed, stars="5"),
        server.person("bob").forge(private, "anything"),
    ):
        with pytest.raises(NotOffered):
            await attempt


async def test_first_answer_after_three_seconds_is_unknown(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    interaction = await ann.slash(server.world.dm(ann.user), "late")
    error = await server.until(lambda: bot.errors and bot.errors.pop())
    assert isinstance(error, discord.NotFound)
    assert error.code == 10062
    assert interaction.answer is None
    assert len(server.take(10062)) == 1


async def heard(server: DiscordServer, bot: DemoBot, ann: UserClient) -> tuple[Interaction, discord.Interaction[Any]]:
    """Press a button nobody answers; return both ends of the interaction."""
    message = await song_with(server, discord.ui.Button(label="quiet", custom_id="quiet"))
    waiting = bot.wait_for("interaction", timeout=5)
    pressed = await ann.press(message, "quiet")
    return pressed, await waiting


async def test_a_moderators_rights_come_with_the_click(server: DiscordServer, ann: UserClient, bot: DemoBot) -> None:
    guild = server.world.guild("g", owner=ann.user, locale="de")
    channel = server.world.channel(guild, "songs")
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Cancel", custom_id="cancel"))
    parts: dict[str, Any] = {"components": view.to_components()}
    card = await server.messages.write(channel, server.world.bot, parts, {})
    moderator, guest = server.person("mo"), server.person("gus")
    guild.moderators.add(moderator.user)
    for hands, may in ((moderator, True), (guest, False)):
        waiting = bot.wait_for("interaction", timeout=5)
        await hands.press(card, "Cancel")
        ours = await waiting
        assert (ours.user.id, ours.permissions.manage_messages) == (hands.user.id, may)
        assert (ours.guild_id, ours.guild_locale) == (guild.id, discord.Locale.german)
        assert ours.filesize_limit == channel.file_limit


async def test_second_answer_is_refused(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    pressed, ours = await heard(server, bot, ann)
    await ours.response.defer()
    assert pressed.answer == 6
    again = discord.InteractionResponse(ours)
    with pytest.raises(discord.HTTPException) as refused:
        await again.defer()
    assert refused.value.code == 40060
    assert len(server.take(40060)) == 1


async def test_of_two_answers_at_once_one_wins(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    _, ours = await heard(server, bot, ann)
    callback = f"/interactions/{ours.id}/{ours.token}/callback"
    answers = [raw_call(server, "POST", callback, {"type": 4, "data": {"content": "x"}}) for _ in range(5)]
    statuses = sorted(status for status, _ in await asyncio.gather(*answers))
    assert statuses == [204, 400, 400, 400, 400]
    assert len(server.take(40060)) == 4


async def test_token_dies_after_a_quarter_of_an_hour(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    _, ours = await heard(server, bot, ann)
    await ours.response.send_message("one", ephemeral=True)
    server.clock.advance(14 * 60)
    await ours.edit_original_response(content="two")
    server.clock.advance(61)
    for late in (ours.edit_original_response(content="three"), ours.followup.send("four")):
        with pytest.raises(discord.HTTPException) as refused:
            await late
        assert (refused.value.status, refused.value.code) == (401, 50027)
    assert len(server.take(50027)) == 2


async def test_followup_before_the_first_answer_has_no_webhook(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    _, ours = await heard(server, bot, ann)
    with pytest.raises(discord.NotFound) as refused:
        await ours.followup.send("too early")
    assert refused.value.code == 10015
    server.take(10015)


async def test_made_up_token_is_no_webhook(server: DiscordServer) -> None:
    path = f"/webhooks/{server.world.bot.id}/made-up"
    assert await raw_call(server, "POST", path, {"content": "x"}) == (401, 50027)
    server.take(50027)


async def test_answers_are_kept_apart_by_kind(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    pressed, ours = await heard(server, bot, ann)
    callback = f"/interactions/{ours.id}/{ours.token}/callback"
    choices = {"type": 8, "data": {"choices": []}}
    assert await raw_call(server, "POST", callback, choices) == (400, 50035)
    assert await raw_call(server, "POST", callback.replace(ours.token, "made-up"), choices) == (404, 10062)
    assert pressed.answer is None
    assert [v.code for v in server.take(50035) + server.take(10062)] == [50035, 10062]


@pytest.mark.parametrize(
    "modal",
    [
        {"title": "x" * 46},
        {"custom_id": "x" * 101},
        {"components": []},
        {"components": [{"type": 1, "components": [{"type": 4, "custom_id": "a", "label": "b", "max_length": 4001}]}]},
        {"components": [{"type": 18, "label": "x" * 46, "component": {"type": 4, "custom_id": "a", "style": 1}}]},
        {"components": [{"type": 1, "components": [{"type": 4, "custom_id": "a", "label": "b", "value": "x" * 4001}]}]},
    ],
)
async def test_modals_have_limits(server: DiscordServer, bot: DemoBot, ann: UserClient, modal: dict[str, Any]) -> None:
    pressed, ours = await heard(server, bot, ann)
    field = {"type": 18, "label": "Stars", "component": {"type": 4, "custom_id": "a", "style": 1}}
    good = {"custom_id": "rate", "title": "Rate", "components": [field]}
    callback = f"/interactions/{ours.id}/{ours.token}/callback"
    assert await raw_call(server, "POST", callback, {"type": 9, "data": good | modal}) == (400, 50035)
    assert await raw_call(server, "POST", callback, {"type": 9, "data": good}) == (204, 0)
    assert pressed.modal == good
    server.take(50035)


async def test_more_than_25_choices_are_refused(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    waiting = bot.wait_for("interaction", timeout=5)
    asked = await server.interactions.open(ann.user, server.world.dm(ann.user), 4, {"id": "1", "name": "none"})
    ours = await waiting
    choices = [app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]
    with pytest.raises(discord.HTTPException) as refused:
        await ours.response.autocomplete(choices)
    assert refused.value.code == 50035
    assert asked.choices is None
    server.take(50035)
    bot.errors.clear()  # the tree knows no command "none"


async def test_original_answer_is_read_edited_and_deleted(server: DiscordServer, bot: DemoBot, ann: UserClient) -> None:
    pressed, ours = await heard(server, bot, ann)
    await ours.response.defer(thinking=True)
    assert pressed.shown == []
    await ours.edit_original_response(content="song", attachments=[discord.File(__file__, "song.mp3")])
    assert (await ours.original_response()).attachments[0].filename == "song.mp3"
    (message,) = pressed.shown
    assert message.attachments[0].content_type == "audio/mpeg"
    await ours.delete_original_response()
    assert pressed.shown == []
    with pytest.raises(discord.NotFound):
        await ours.edit_original_response(content="gone")
    server.take(10008)


async def test_where_only_a_person_installed_it_five_followups_are_the_most(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    channel = server.world.channel(server.world.guild("elsewhere", owner=ann.user, has_bot=False), "talk")
    ann.install()
    waiting = bot.wait_for("interaction", timeout=5)
    await ann.slash(channel, "selfie", photo=PHOTO)
    ours = await waiting
    await server.until(lambda: server.interactions.all[0].shown)
    for n in range(5):
        await ours.followup.send(str(n))
    with pytest.raises(discord.HTTPException) as refused:
        await ours.followup.send("six")
    assert refused.value.code == 40094
    assert len(server.take(40094)) == 1


async def test_two_hundred_at_once_are_all_answered_in_time(
    server: DiscordServer, bot: DemoBot, ann: UserClient
) -> None:
    people = [server.person(f"user{n}") for n in range(200)]
    clicks = await asyncio.gather(*(p.slash(server.world.dm(p.user), "selfie", photo=PHOTO) for p in people))
    await server.until(lambda: all(click.shown for click in clicks), within=25)
    assert len({click.shown[0].content for click in clicks}) == 1
