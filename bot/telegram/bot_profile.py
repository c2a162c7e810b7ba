"""The bot's command menus and descriptions, in each language. Sent only when they have changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.telegram.origins import PLATFORM
from handlers.commands.registry import COMMANDS
from handlers.deps import Deps
from handlers.key_values import get_value, set_value
from handlers.texts import sentence
from handlers.texts.locales import DEFAULT, LOCALES, locale_of

log = logging.getLogger(__name__)

IN_GROUPS = ("selfie", "mood", "queue", "cancel", "again", "show", "help")
CODE_LENGTH = 2  # letters; Telegram refuses languages of ISO 639-2
MEMORY = f"{PLATFORM}.profile"


async def set_profile(bot: Bot, *, deps: Deps) -> None:
    """Bring the profile up to date; a Telegram that refuses keeps the old one."""
    wanted = _fingerprint()
    if await get_value(MEMORY, deps=deps) == wanted:
        return
    try:
        for language, locale in menu_languages().items():
            await _set(bot, language, locale)
    except TelegramError as error:
        log.warning("the bot's profile stays as it was: %s", error)
        return
    await set_value(MEMORY, wanted, deps=deps)


async def _set(bot: Bot, language: str, locale: str) -> None:
    in_private, in_groups = menu(locale), menu(locale, names=IN_GROUPS)
    await bot.set_my_commands(in_private, BotCommandScopeAllPrivateChats(), language_code=language)
    await bot.set_my_commands(in_groups, BotCommandScopeAllGroupChats(), language_code=language)
    await bot.set_my_description(sentence(locale, "profile_description"), language_code=language)
    await bot.set_my_short_description(sentence(locale, "profile_short"), language_code=language)


def menu_languages() -> dict[str, str]:
    """Give Telegram's language codes, "" for everybody else, with our locale for each; it takes no script or region."""
    codes = (each.language for each in LOCALES if each.language != DEFAULT and len(each.language) == CODE_LENGTH)
    return {"": DEFAULT, **{code: locale_of(code) for code in codes}}


def menu(locale: str, *, names: Sequence[str] | None = None) -> list[BotCommand]:
    """List the commands with what they do, in the table's order."""
    start = [] if names else [BotCommand("start", sentence(locale, "about_start"))]
    wanted = (each for each in COMMANDS if names is None or each.name in names)
    return start + [BotCommand(each.name, sentence(locale, each.about)) for each in wanted]


def _fingerprint() -> str:
    texts = {
        locale: [(each.command, each.description) for each in menu(locale)]
        + [sentence(locale, "profile_description"), sentence(locale, "profile_short")]
        for locale in menu_languages().values()
    }
    return hashlib.sha256(json.dumps([texts, IN_GROUPS]).encode()).hexdigest()
