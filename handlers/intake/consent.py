"""Consent: what happens with photos is said once, before the first one is read, and accepted with a button."""

from __future__ import annotations

from handlers.button_actions import ButtonAction
from handlers.deps import Deps
from handlers.events import Sender
from handlers.responses import Button, Reply
from handlers.texts import sentence
from handlers.users import user_of
from storage.unit_of_work import UnitOfWork


async def has_accepted(sender: Sender, *, deps: Deps) -> bool:
    """Whether the person has pressed Accept, on this or a linked platform. False: send `greeting`, read nothing."""
    user = await deps.read(lambda unit: unit.users.find(sender.platform, sender.account_id))
    return user is not None and user.accepted_at is not None


async def accept(sender: Sender, *, deps: Deps, locale: str = "en") -> Reply:
    """Note the consent (the Accept button does, too) and say what to do next."""

    async def store_consent(unit: UnitOfWork) -> None:
        user_id = await user_of(sender, unit=unit, deps=deps)
        await unit.users.accept(user_id, at=deps.clock.now())

    await deps.commit(store_consent)
    return Reply(sentence(locale, "accepted"))


def greeting(locale: str, to: Sender | None = None) -> Reply:
    """What happens with photos, with the Accept button. `to` matters where others can press it, too."""
    press = ButtonAction("accept", value=to.account_id if to else "")
    button = Button(sentence(locale, "button_accept"), press.encode(), "good")
    return Reply(sentence(locale, "greeting"), ((button,),))
