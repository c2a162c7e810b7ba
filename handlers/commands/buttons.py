"""Every button ends here: a token becomes the handler's request and its response. Adapters only show the response."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers.account.privacy import erase_answer, privacy
from handlers.button_actions import ButtonAction, decode_action
from handlers.delivery.confirmation import it_arrived, send_again
from handlers.deps import Deps
from handlers.errors import Refused, UnknownSong
from handlers.events import MoodNamed, Origin, Sender
from handlers.feedback.ratings import rate
from handlers.feedback.votes import toggle_vote
from handlers.intake.consent import accept
from handlers.intake.named_mood import receive_mood
from handlers.library.details import details
from handlers.library.history import show_history
from handlers.library.queue import cancelled
from handlers.preferences.avoid import avoid_menu, switch_avoided
from handlers.preferences.favourites import favourites_menu, known_names, switch
from handlers.preferences.language import language_of, set_language
from handlers.preferences.menu_buttons import PER_ROW, ROWS, slug
from handlers.preferences.profile import forget
from handlers.preferences.tempo import set_pace, tempo_menu
from handlers.request import Request
from handlers.responses import Reply, Response, refusal
from handlers.song_options import SongOptions
from handlers.songs.access import own_song, visible_song
from handlers.songs.caption import song_buttons
from handlers.songs.mood_question import answer_mood
from handlers.songs.retake import take_again
from handlers.status_cards.content import all_moods
from handlers.texts import mood_word, sentence
from pipeline.values import EMOTION_LABELS, EmotionLabel, Vote


async def press_button(token_text: str, by: Sender, *, deps: Deps, origin: Origin) -> Response:
    """Do what the button says if this person may; malformed, foreign and stale ones get a kind private word."""
    locale = await language_of(by, origin.locale, deps=deps)
    action = decode_action(token_text)
    if action is None:
        return Response(Reply(sentence(locale, "stale_button")))
    request = Request({}, by, origin, locale, deps)
    try:
        return await _DO[action.action](action, request)
    except UnknownSong as error:
        return await _not_yours(action, request, error)
    except Refused as error:
        return Response(refusal(locale, error))


async def _not_yours(action: ButtonAction, request: Request, error: UnknownSong) -> Response:
    """Whoever sees the song hears that it is its owner's to do; others hear of no such song."""
    try:
        await request.deps.read(
            lambda unit: visible_song(action.song_id, request.sender, origin=request.origin, unit=unit)
        )
    except UnknownSong:
        return Response(refusal(request.locale, error))
    if action.action == "vote":
        return Response(Reply(sentence(request.locale, "stale_button")))
    return Response(Reply(sentence(request.locale, "not_yours")))


async def _accept(action: ButtonAction, request: Request) -> Response:
    """Take the button away when it was meant for this person; for others it stays, with their own word beside it."""
    theirs = action.value in ("", request.sender.account_id)
    return Response(await accept(request.sender, deps=request.deps, locale=request.locale), edit=theirs)


async def _vote(action: ButtonAction, request: Request) -> Response:
    if action.value not in ("up", "down"):
        raise Refused("stale_button")
    vote: Vote = "up" if action.value == "up" else "down"
    now = await toggle_vote(action.song_id, vote, request.sender, origin=request.origin, deps=request.deps)
    code = {"up": "voted_up", "down": "voted_down", None: "vote_taken_back"}[now.vote]
    buttons = song_buttons(now.locale, action.song_id, up=now.votes.up, down=now.votes.down)
    return Response(Reply(sentence(request.locale, code)), buttons=buttons)


async def _again(action: ButtonAction, request: Request) -> Response:
    origin = request.origin
    take = await take_again(
        action.song_id,
        request.sender,
        origin.reply_to,
        origin.key,
        deps=request.deps,
        locale=request.locale,
        in_group=origin.in_group,
    )
    return Response(Reply(sentence(request.locale, "again_begun")), song_id=take)


async def _details(action: ButtonAction, request: Request) -> Response:
    return Response(await details(action.song_id, request))


async def _show(action: ButtonAction, request: Request) -> Response:
    return Response(await details(action.song_id, request, with_file=True))


async def _rate(action: ButtonAction, request: Request) -> Response:
    await request.deps.read(lambda unit: visible_song(action.song_id, request.sender, origin=request.origin, unit=unit))
    return Response(rate=action.song_id)


async def _score(action: ButtonAction, request: Request) -> Response:
    if not (action.value.isdigit() and len(action.value) == 1):
        raise Refused("stale_button")
    score = int(action.value)
    return Response(
        await rate(action.song_id, request.sender, score, None, deps=request.deps, origin=request.origin), edit=True
    )


async def _cancel(action: ButtonAction, request: Request) -> Response:
    return Response(await cancelled(action.song_id, request))


async def _mood(action: ButtonAction, request: Request) -> Response:
    label = next((each for each in EMOTION_LABELS if each == action.value), None)
    if label is None:
        raise Refused("stale_button")
    if not action.song_id:
        return await _begin(label, request)
    if not await answer_mood(action.song_id, label, request.sender, deps=request.deps):
        raise Refused("answered_already")
    return Response(Reply(sentence(request.locale, "mood_taken", mood=mood_word(request.locale, label))))


async def _begin(label: EmotionLabel, request: Request) -> Response:
    """Begin a song for a mood chosen from /mood's menu, which makes room for that word."""
    options, origin = SongOptions(locale=request.locale, interactive=True), request.origin
    event = MoodNamed(request.sender, label, origin.reply_to, options, origin.key, origin.in_group)
    song_id = await receive_mood(event, deps=request.deps)
    return Response(
        Reply(sentence(request.locale, "mood_taken", mood=mood_word(request.locale, label))), song_id, edit=True
    )


async def _moods(action: ButtonAction, request: Request) -> Response:
    await request.deps.read(lambda unit: own_song(action.song_id, request.sender, unit=unit))
    return Response(Reply(sentence(request.locale, "which_of_all"), all_moods(action.song_id, request.locale)))


async def _history(action: ButtonAction, request: Request) -> Response:
    response = await show_history(replace(request, arguments={"before": action.value}))
    return replace(response, edit=True)


async def _erase(action: ButtonAction, request: Request) -> Response:
    return await erase_answer(action.value, request)


async def _privacy(action: ButtonAction, request: Request) -> Response:
    return await privacy(replace(request, arguments={"action": action.value}))


async def _resend(action: ButtonAction, request: Request) -> Response:
    done = await send_again(action.song_id, request.sender, deps=request.deps)
    return Response(Reply(sentence(request.locale, "resending" if done else "settled_already")), edit=True)


async def _arrived(action: ButtonAction, request: Request) -> Response:
    await it_arrived(action.song_id, request.sender, deps=request.deps)
    return Response(Reply(sentence(request.locale, "glad")), edit=True)


async def _toggle(action: ButtonAction, request: Request) -> Response:
    if action.value.startswith("l."):
        return replace(await set_language(action.value[2:], request), edit=True)
    if action.value.startswith("p."):
        return replace(await forget(action.value[2:], request), edit=True)
    return await toggle(action.value, request)


_DO: Mapping[str, Callable[[ButtonAction, Request], Awaitable[Response]]] = {
    "accept": _accept,
    "vote": _vote,
    "again": _again,
    "details": _details,
    "show": _show,
    "rate": _rate,
    "score": _score,
    "cancel": _cancel,
    "retry": _again,
    "mood": _mood,
    "moods": _moods,
    "history": _history,
    "erase": _erase,
    "privacy": _privacy,
    "resend": _resend,
    "arrived": _arrived,
    "toggle": _toggle,
}


async def toggle(value: str, request: Request) -> Response:
    """Do what a menu's button says: "g.lofi" switches a genre, "i.p.2" turns a page, "t.80.100" sets a tempo."""
    kind, _, rest = value.partition(".")
    if kind == "t":
        await set_pace(rest, request)
        return Response(await tempo_menu(request), edit=True)
    if kind == "a":
        await switch_avoided(rest, request)
        return Response(await avoid_menu(request), edit=True)
    field = {"g": "genres", "i": "instruments"}.get(kind)
    if field is None:
        raise Refused("stale_button")
    page = int(rest[2:]) if re.fullmatch(r"p\.\d{1,2}", rest) else None
    if page is None:
        names = {slug(name): name for name in known_names(field)}
        if rest not in names:
            raise Refused("stale_button")
        page = list(names).index(rest) // (PER_ROW * ROWS)
        await switch(field, names[rest], request)
    return Response(await favourites_menu(request, field, page), edit=True)
