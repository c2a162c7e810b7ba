"""👍 and 👎 left on a message. Telegram tells of them in private chats, and in groups where we are admin."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import ReactionType, ReactionTypeEmoji, Update
from telegram.ext import ContextTypes

from bot.telegram.incoming.context import TelegramContext
from bot.telegram.origins import PLATFORM, message_key, sender_of
from handlers.feedback.reactions import count_reaction
from handlers.idempotency import mark_seen


class Reactions:
    """Handles changed reactions."""

    def __init__(self, context: TelegramContext) -> None:
        self._context = context

    async def handle(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Handle the difference, removed reactions first, so that 👎 turned to 👍 ends as 👍."""
        changed = update.message_reaction
        if changed is None or changed.user is None:  # anonymous admins have no account of their own
            return
        if await mark_seen(PLATFORM, f"u{update.update_id}", deps=self._context.deps):
            return
        sender, key = sender_of(changed.user), message_key(changed.chat.id, changed.message_id)
        old, new = emojis(changed.old_reaction), emojis(changed.new_reaction)
        for emoji in old - new:
            await count_reaction(sender, key, emoji, added=False, deps=self._context.deps)
        for emoji in new - old:
            await count_reaction(sender, key, emoji, added=True, deps=self._context.deps)


def emojis(reactions: Sequence[ReactionType]) -> set[str]:
    return {each.emoji for each in reactions if isinstance(each, ReactionTypeEmoji)}
