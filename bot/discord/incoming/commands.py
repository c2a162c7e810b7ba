"""Slash commands and the message menu, made from the table that every platform shares."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from inspect import Parameter, Signature
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.discord.incoming.interactions import Interaction
from bot.discord.outgoing.views import cut
from handlers.commands.autocomplete import suggest
from handlers.commands.registry import COMMANDS, Action, Command, Option
from handlers.texts import sentence

Callback = Callable[..., Coroutine[Any, Any, None]]

INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
MAX_ABOUT = 100  # characters of a description
MAX_CHOICES = 25
CHINESE = (discord.Locale.chinese, discord.Locale.taiwan_chinese)


class Translations(app_commands.Translator):
    """Descriptions and choices in Chinese; names stay, so that help texts can name them."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002
    ) -> str | None:
        code = string.extras.get("code")
        return cut(sentence(str(locale), code), MAX_ABOUT) if code and locale in CHINESE else None


class SongTree(app_commands.CommandTree[Any]):
    """The commands. One that Discord still shows although we changed it, or that breaks, gets a sentence."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        await interaction.client.on_command_error_in_tree(interaction, error)


async def fill(tree: SongTree) -> None:
    """Put every command of the table, and the menu entry, into the tree."""
    await tree.set_translator(Translations())
    for command in COMMANDS:
        tree.add_command(_group(command) if command.actions else _command(command, None, command.options))
    menu = app_commands.ContextMenu(
        name=_text("menu_make_song"), callback=_make_song, allowed_installs=INSTALLS, allowed_contexts=CONTEXTS
    )
    tree.add_command(menu)


async def _make_song(interaction: Interaction, message: discord.Message) -> None:
    """Make a song from a message's pictures, whoever wrote it."""
    await interaction.client.interactions.pictures(interaction, message.attachments, reply_to=message.id)


def _group(command: Command) -> app_commands.Group:
    group = app_commands.Group(
        name=command.name,
        description=_text(command.about),
        allowed_installs=INSTALLS,
        allowed_contexts=CONTEXTS,
    )
    for action in command.actions:
        group.add_command(_command(command, action, action.options))
    return group


def _command(
    command: Command, action: Action | None, options: tuple[Option, ...]
) -> app_commands.Command[Any, ..., None]:
    part = action or command
    top: dict[str, Any] = {} if action else {"allowed_installs": INSTALLS, "allowed_contexts": CONTEXTS}
    return app_commands.Command(
        name=part.name, description=_text(part.about), callback=_callback(command, action, options), **top
    )


def _callback(command: Command, action: Action | None, options: tuple[Option, ...]) -> Callback:
    """Make a function with the signature that the library reads options from."""

    async def callback(interaction: Interaction, **values: Any) -> None:
        interactions = interaction.client.interactions
        files = {name: value for name, value in values.items() if isinstance(value, discord.Attachment)}
        melody, words = files.pop("melody", None), _arguments(values, action)
        if files:
            await interactions.pictures(interaction, [*files.values()], note=words.get("note", ""), melody=melody)
        else:
            await interactions.command(interaction, command.name, words)

    blanks = [_parameter(option) for option in options]
    first = Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    callback.__signature__ = Signature([first, *blanks])  # type: ignore[attr-defined]
    app_commands.describe(**{option.name: _text(option.about) for option in options})(callback)
    app_commands.choices(**{option.name: _choices(option) for option in options if option.choices})(callback)
    app_commands.autocomplete(
        **{option.name: _suggestions(option) for option in options if option.suggests and not option.choices}
    )(callback)
    return callback


def _arguments(values: Mapping[str, Any], action: Action | None) -> dict[str, str]:
    words = {name: str(value) for name, value in values.items() if isinstance(value, (str, int))}
    return words | ({"action": action.name} if action else {})


def _parameter(option: Option) -> Parameter:
    kind: Any = str
    if option.kind == "file":
        kind = discord.Attachment
    elif option.kind == "number":
        kind = int
    elif option.kind == "text" and not option.choices:
        kind = app_commands.Range[str, 1, option.longest]
    if option.required:
        return Parameter(option.name, Parameter.KEYWORD_ONLY, annotation=kind)
    return Parameter(option.name, Parameter.KEYWORD_ONLY, annotation=kind | None, default=None)


def _choices(option: Option) -> list[Choice[str]]:
    return [Choice(name=_text(code), value=value) for value, code in option.choices[:MAX_CHOICES]]


def _suggestions(option: Option) -> Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]:
    field = option.suggests
    assert field is not None

    async def suggestions(interaction: Interaction, typed: str) -> list[Choice[str]]:
        found = suggest(field, typed, locale=str(interaction.locale), limit=MAX_CHOICES)
        return [Choice(name=each, value=each) for each in found if 0 < len(each) <= MAX_ABOUT]

    return suggestions


def _text(code: str) -> locale_str:
    return locale_str(cut(sentence("en", code), MAX_ABOUT), code=code)
