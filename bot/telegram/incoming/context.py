"""What the handling of every update works with; made once by `bot.telegram.incoming.application`."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, User

from bot.card_loop import CardLoop
from bot.telegram.incoming.albums import Albums
from bot.telegram.origins import sender_of
from bot.telegram.outgoing.messenger import Messenger
from handlers.deps import Deps
from handlers.intake.receive import Intake
from handlers.preferences.language import language_of


@dataclass(frozen=True, slots=True)
class TelegramContext:
    """What every handler of an update needs. Holds no state of its own."""

    bot: Bot
    deps: Deps
    messenger: Messenger
    cards: CardLoop
    intake: Intake
    albums: Albums

    async def language(self, user: User) -> str:
        """Give the language to speak with this person."""
        return await language_of(sender_of(user), user.language_code, deps=self.deps)
