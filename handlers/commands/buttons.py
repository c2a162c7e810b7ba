"""Every button ends here: a token becomes the handler's request and its response. Adapters only show the response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from handlers.account.privacy import erase_answer, privacy
from handlers.button_actions import ActionName, ButtonAction, decode_action
from handlers.delivery.confirmation import confirm_arrival, send_again
from handlers.deps import Deps
from handlers.errors import Refused, UnknownSong
from handlers.events import MoodNamed, Origin, Sender
from handlers.feedback.ratings import rate
from handlers.feedback.votes import toggle_vote
from handlers.intake.consent import accept
from handlers.intake.named_mood import receive_mood
from handlers.library.details import details
from handlers.library.history import show_history
from handlers.library.queue import cancel_and_answer
from handlers.preferences.avoid import switch_avoided
from handlers.preferences.favourites import Field, switch_favourite, turn_page
from handlers.preferences.language import language_of, set_language
from handlers.preferences.profile import forget
from handlers.preferences.tempo import choose_tempo
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


async def press_button(token: str, by: Sender, *, deps: Deps, origin: Origin) -> Response:
    """Do what a button says if this person may; malformed, foreign and old ones get a kind private answer."""
    locale = await language_of(by, origin.locale, deps=deps)
    action = decode_action(token)
    if action is None:
        return Response(Reply(sentence(locale, "stale_button")))
    request = Request({}, by, origin, locale, deps)
    try:
        return await _HANDLERS[action.action](action, request)
    except UnknownSong as error:
        return await _not_yours(action, request, error)
    except Refused as error:
        return Response(refusal(locale, error))


async def _not_yours(action: ButtonAction, request: Request, error: UnknownSong) -> Response:
    """Tell who may see the song that only its owner may do this; tell others that there is no such song."""
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
    """Remove the button when it was meant for this person; for others it stays, and they get an answer of their own."""
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
    return Response(await cancel_and_answer(action.song_id, request))


async def _mood(action: ButtonAction, request: Request) -> Response:
    label = next((each for each in EMOTION_LABELS if each == action.value), None)
    if label is None:
        raise Refused("stale_button")
    if not action.song_id:
        return await _create_song(label, request)
    if not await answer_mood(action.song_id, label, request.sender, deps=request.deps):
        raise Refused("answered_already")
    return Response(Reply(sentence(request.locale, "mood_taken", mood=mood_word(request.locale, label))))


async def _create_song(label: EmotionLabel, request: Request) -> Response:
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
    await confirm_arrival(action.song_id, request.sender, deps=request.deps)
    return Response(Reply(sentence(request.locale, "glad")), edit=True)


async def _switch_favourite(field: Field, action: ButtonAction, request: Request) -> Response:
    return Response(await switch_favourite(field, action.value, request), edit=True)


async def _turn_page(field: Field, action: ButtonAction, request: Request) -> Response:
    return Response(await turn_page(field, action.value, request), edit=True)


async def _choose_tempo(action: ButtonAction, request: Request) -> Response:
    return Response(await choose_tempo(action.value, request), edit=True)


async def _switch_avoided(action: ButtonAction, request: Request) -> Response:
    return Response(await switch_avoided(action.value, request), edit=True)


async def _set_language(action: ButtonAction, request: Request) -> Response:
    return replace(await set_language(action.value, request), edit=True)


async def _forget(action: ButtonAction, request: Request) -> Response:
    return replace(await forget(action.value, request), edit=True)


_HANDLERS: Mapping[ActionName, Callable[[ButtonAction, Request], Awaitable[Response]]] = {
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
    "genre": partial(_switch_favourite, "genres"),
    "genres": partial(_turn_page, "genres"),
    "instrument": partial(_switch_favourite, "instruments"),
    "instruments": partial(_turn_page, "instruments"),
    "tempo": _choose_tempo,
    "avoid": _switch_avoided,
    "language": _set_language,
    "forget": _forget,
}
