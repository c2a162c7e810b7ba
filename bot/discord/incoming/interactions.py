"""Interactions: acknowledged first, then worked on, then answered. Nothing slow stands before the first answer.

Discord waits 3 s for it, and 15 minutes for the rest. An interaction that is too old is worked on all the same.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import discord

from bot.card_loop import CardLoop
from bot.discord.api_errors import ALREADY_ANSWERED, CONNECTION_ERRORS, EXPIRED, is_too_large
from bot.discord.in_flight import InFlightTasks
from bot.discord.incoming.rating_modal import RatingForm, filled_in
from bot.discord.incoming.selfies import selfie_above, selfie_of_command
from bot.discord.interaction_tokens import shows_card
from bot.discord.origins import origin_of, sender_of
from bot.discord.outgoing.views import messages_of, plain, shown, view_of
from handlers.button_actions import decode_action
from handlers.commands.buttons import press_button
from handlers.commands.dispatch import run_command
from handlers.deps import Deps
from handlers.feedback.ratings import rate
from handlers.intake.receive import Intake
from handlers.intake.submission import Submission
from handlers.responses import Reply, Response
from handlers.texts import sentence

log = logging.getLogger(__name__)

Interaction: TypeAlias = discord.Interaction[Any]
REMEMBERED = 4096  # interactions; a gateway that resumes may deliver the last ones again


class Interactions:
    """Answers presses, commands, forms and menus."""

    def __init__(self, *, deps: Deps, intake: Intake, cards: CardLoop, in_flight: InFlightTasks) -> None:
        self._in_flight = in_flight
        self._deps = deps
        self._intake = intake
        self._cards = cards
        self._seen: OrderedDict[int, None] = OrderedDict()

    async def press(self, interaction: Interaction, token: str) -> None:
        """Answer a button."""
        pressed = decode_action(token)
        if pressed is not None and pressed.action == "rate":  # a form must be the first answer
            await self._ask_rating(interaction, pressed.song_id)
            return
        first = _thinking(interaction) if shows_card(interaction) else interaction.response.defer()
        if not await self._begin(interaction, first):
            return
        sender = sender_of(interaction.user)
        answer = await self._carefully(
            interaction, press_button(token, sender, deps=self._deps, origin=origin_of(interaction))
        )
        selfie = await self._pending(interaction) if pressed is not None and pressed.action == "accept" else None
        if selfie is None or not shows_card(interaction):  # else the answer is the selfie's card
            await self._send_response(interaction, answer, on_message=not shows_card(interaction))
        if selfie is not None:
            response = await self._intake.receive_pending(selfie)
            await self._send_response(interaction, response, on_message=not shows_card(interaction))

    async def command(self, interaction: Interaction, name: str, arguments: Mapping[str, str]) -> None:
        """Answer a slash command."""
        if not await self._begin(interaction, _thinking(interaction)):
            return
        sender, origin = sender_of(interaction.user), origin_of(interaction)
        answer = await self._carefully(
            interaction, run_command(name, arguments, sender, deps=self._deps, origin=origin)
        )
        await self._send_response(interaction, answer, on_message=False)

    async def form(self, interaction: Interaction) -> None:
        """Answer a filled-in form. It carries its song's token, so it may be older than this process."""
        filled = filled_in(interaction.data)
        if filled is None:
            return
        if not await self._begin(interaction, interaction.response.defer(ephemeral=True, thinking=True)):
            return

        async def rated() -> Response:
            sender, origin = sender_of(interaction.user), origin_of(interaction)
            return Response(
                await rate(filled.song_id, sender, filled.score, filled.comment, deps=self._deps, origin=origin)
            )

        await self._send_response(interaction, await self._carefully(interaction, rated()), on_message=False)

    async def pictures(
        self,
        interaction: Interaction,
        found: list[discord.Attachment],
        *,
        note: str = "",
        melody: discord.Attachment | None = None,
        reply_to: int | None = None,
    ) -> None:
        """Make a song from the pictures of /selfie or of a message's menu."""
        if not await self._begin(interaction, _thinking(interaction)):
            return
        selfie = selfie_of_command(interaction, found, note=note, melody=melody, reply_to=reply_to)
        await self._send_response(interaction, await self._intake.receive(selfie), on_message=False)

    async def broken(self, interaction: Interaction) -> None:
        """Say that something of ours broke."""
        await self._begin(interaction, interaction.response.defer(ephemeral=True, thinking=True))
        await self._send_response(interaction, _broken(interaction), on_message=False)

    async def _ask_rating(self, interaction: Interaction, song_id: int) -> None:
        form = RatingForm(song_id, locale=str(interaction.locale))
        await self._begin(interaction, interaction.response.send_modal(form))
        form.stop()  # the library would keep it for ever; `form` answers without

    async def _begin(self, interaction: Interaction, first_answer: Awaitable[object]) -> bool:
        """Give the first answer; False when this interaction came before."""
        self._in_flight.note()
        known = interaction.id in self._seen
        self._seen[interaction.id] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        if known or interaction.response.is_done():
            _close(first_answer)
            return not known
        try:
            await first_answer
        except discord.HTTPException as error:
            if error.code not in EXPIRED:
                log.warning("an interaction was not acknowledged: %r", error)
            return error.code != ALREADY_ANSWERED
        except CONNECTION_ERRORS as error:
            log.warning("an interaction was not acknowledged: %r", error)
        return True

    async def _carefully(self, interaction: Interaction, work: Awaitable[Response]) -> Response:
        try:
            return await work
        except Exception:  # a bug is logged here once, and told as a sentence
            log.exception("an interaction broke")
            return _broken(interaction)

    async def _send_response(self, interaction: Interaction, answer: Response, *, on_message: bool) -> None:
        """Show the parts of a response; an interaction that has ended is ignored."""
        if answer.song_id is not None:
            await self._cards.show_now(answer.song_id)
            if shows_card(interaction):  # the card has taken the answer's place
                return
        try:
            await (_show_on_message if on_message else _show_as_answer)(interaction, answer)
        except discord.HTTPException as error:
            if is_too_large(error):
                await self._send_response(interaction, Response(_too_large(interaction)), on_message=on_message)
            elif error.code not in EXPIRED:
                log.warning("an answer was not shown: %r", error)
        except CONNECTION_ERRORS as error:
            log.warning("an answer was not shown: %r", error)

    async def _pending(self, interaction: Interaction) -> Submission | None:
        """After Accept, find the selfie that waited: remembered, or in the message that the greeting answered."""
        origin = origin_of(interaction)
        try:
            kept = await self._intake.pending(sender_of(interaction.user), locale=origin.locale)
            if kept is None:
                return await selfie_above(interaction)
        except Exception:  # the consent is kept, and the selfie can be sent again
            log.exception("a selfie that waited was not found")
            return None
        if "token" in kept.reply_to or shows_card(interaction):
            return replace(kept, reply_to=origin.reply_to)  # the newest token is valid longest
        return kept


async def _show_on_message(interaction: Interaction, answer: Response) -> None:
    """Answer a button: new buttons or a new text for its message, or a message beside it."""
    reply = answer.reply
    if reply is not None and answer.edit:
        view = view_of(reply.buttons) if reply.buttons else None
        await interaction.edit_original_response(content=plain(reply.text), view=view)
        return
    if answer.buttons is not None:
        await interaction.edit_original_response(view=view_of(answer.buttons))
    if reply is not None:
        await interaction.followup.send(ephemeral=reply.private, **shown(reply))


async def _show_as_answer(interaction: Interaction, answer: Response) -> None:
    """Answer a command: fill in the message that said "thinking", or take it away."""
    if answer.reply is None or shows_card(interaction):  # all would see what is meant for one
        await interaction.delete_original_response()
    for reply in messages_of(answer.reply) if answer.reply is not None else ():
        await interaction.followup.send(ephemeral=reply.private, **shown(reply))


def _thinking(interaction: Interaction) -> Awaitable[object]:
    """Defer: the answer is for the person alone, unless a song's card is going to stand in it."""
    return interaction.response.defer(ephemeral=not shows_card(interaction), thinking=True)


def _broken(interaction: Interaction) -> Response:
    return Response(Reply(sentence(str(interaction.locale), "broken")))


def _too_large(interaction: Interaction) -> Reply:
    return Reply(sentence(str(interaction.locale), "answer_too_large"))


def _close(first_answer: Awaitable[object]) -> None:
    """Close the coroutine of an answer that is not given."""
    closing: Callable[[], None] | None = getattr(first_answer, "close", None)
    if closing is not None:
        closing()
