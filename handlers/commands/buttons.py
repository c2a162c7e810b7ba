"""Every button ends here: a token becomes the handler's call and its answer. Adapters only show the answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers.account.privacy import erase_answer, privacy
from handlers.button_actions import Press, read_token
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
from handlers.request import Call
from handlers.responses import Answer, Reply, refusal
from handlers.song_options import Wish
from handlers.songs.access import own_song, visible_song
from handlers.songs.caption import song_buttons
from handlers.songs.mood_question import answer_mood
from handlers.songs.retake import take_again
from handlers.status_cards.content import all_moods
from handlers.texts import mood_word, sentence
from pipeline.values import EMOTION_LABELS, EmotionLabel, Vote


async def press(token_text: str, by: Sender, *, deps: Deps, origin: Origin) -> Answer:
    """Do what the button says if this person may; malformed, foreign and stale ones get a kind private word."""
    locale = await language_of(by, origin.locale, deps=deps)
    pressed = read_token(token_text)
    if pressed is None:
        return Answer(Reply(sentence(locale, "stale_button")))
    call = Call({}, by, origin, locale, deps)
    try:
        return await _DO[pressed.action](pressed, call)
    except UnknownSong as error:
        return await _not_yours(pressed, call, error)
    except Refused as error:
        return Answer(refusal(locale, error))


async def _not_yours(pressed: Press, call: Call, error: UnknownSong) -> Answer:
    """Whoever sees the song hears that it is its owner's to do; others hear of no such song."""
    try:
        await call.deps.read(lambda unit: visible_song(pressed.song_id, call.by, origin=call.origin, unit=unit))
    except UnknownSong:
        return Answer(refusal(call.locale, error))
    if pressed.action == "vote":
        return Answer(Reply(sentence(call.locale, "stale_button")))
    return Answer(Reply(sentence(call.locale, "not_yours")))


async def _accept(pressed: Press, call: Call) -> Answer:
    """Take the button away when it was meant for this person; for others it stays, with their own word beside it."""
    theirs = pressed.value in ("", call.by.account_id)
    return Answer(await accept(call.by, deps=call.deps, locale=call.locale), edit=theirs)


async def _vote(pressed: Press, call: Call) -> Answer:
    if pressed.value not in ("up", "down"):
        raise Refused("stale_button")
    vote: Vote = "up" if pressed.value == "up" else "down"
    now = await toggle_vote(pressed.song_id, vote, call.by, origin=call.origin, deps=call.deps)
    code = {"up": "voted_up", "down": "voted_down", None: "vote_taken_back"}[now.vote]
    buttons = song_buttons(now.locale, pressed.song_id, up=now.votes.up, down=now.votes.down)
    return Answer(Reply(sentence(call.locale, code)), buttons=buttons)


async def _again(pressed: Press, call: Call) -> Answer:
    origin = call.origin
    take = await take_again(
        pressed.song_id,
        call.by,
        origin.reply_to,
        origin.key,
        deps=call.deps,
        locale=call.locale,
        slow_card=origin.slow_card,
    )
    return Answer(Reply(sentence(call.locale, "again_begun")), song_id=take)


async def _details(pressed: Press, call: Call) -> Answer:
    return Answer(await details(pressed.song_id, call))


async def _show(pressed: Press, call: Call) -> Answer:
    return Answer(await details(pressed.song_id, call, with_file=True))


async def _rate(pressed: Press, call: Call) -> Answer:
    await call.deps.read(lambda unit: visible_song(pressed.song_id, call.by, origin=call.origin, unit=unit))
    return Answer(rate=pressed.song_id)


async def _score(pressed: Press, call: Call) -> Answer:
    if not (pressed.value.isdigit() and len(pressed.value) == 1):
        raise Refused("stale_button")
    score = int(pressed.value)
    return Answer(await rate(pressed.song_id, call.by, score, None, deps=call.deps, origin=call.origin), edit=True)


async def _cancel(pressed: Press, call: Call) -> Answer:
    return Answer(await cancelled(pressed.song_id, call))


async def _mood(pressed: Press, call: Call) -> Answer:
    label = next((each for each in EMOTION_LABELS if each == pressed.value), None)
    if label is None:
        raise Refused("stale_button")
    if not pressed.song_id:
        return await _begin(label, call)
    if not await answer_mood(pressed.song_id, label, call.by, deps=call.deps):
        raise Refused("answered_already")
    return Answer(Reply(sentence(call.locale, "mood_taken", mood=mood_word(call.locale, label))))


async def _begin(label: EmotionLabel, call: Call) -> Answer:
    """Begin a song for a mood chosen from /mood's menu, which makes room for that word."""
    wish, origin = Wish(locale=call.locale, live=True), call.origin
    event = MoodNamed(call.by, label, origin.reply_to, wish, origin.key, origin.slow_card)
    song_id = await receive_mood(event, deps=call.deps)
    return Answer(Reply(sentence(call.locale, "mood_taken", mood=mood_word(call.locale, label))), song_id, edit=True)


async def _moods(pressed: Press, call: Call) -> Answer:
    await call.deps.read(lambda unit: own_song(pressed.song_id, call.by, unit=unit))
    return Answer(Reply(sentence(call.locale, "which_of_all"), all_moods(pressed.song_id, call.locale)))


async def _history(pressed: Press, call: Call) -> Answer:
    answer = await show_history(replace(call, arguments={"before": pressed.value}))
    return replace(answer, edit=True)


async def _erase(pressed: Press, call: Call) -> Answer:
    return await erase_answer(pressed.value, call)


async def _privacy(pressed: Press, call: Call) -> Answer:
    return await privacy(replace(call, arguments={"action": pressed.value}))


async def _resend(pressed: Press, call: Call) -> Answer:
    done = await send_again(pressed.song_id, call.by, deps=call.deps)
    return Answer(Reply(sentence(call.locale, "resending" if done else "settled_already")), edit=True)


async def _arrived(pressed: Press, call: Call) -> Answer:
    await it_arrived(pressed.song_id, call.by, deps=call.deps)
    return Answer(Reply(sentence(call.locale, "glad")), edit=True)


async def _toggle(pressed: Press, call: Call) -> Answer:
    if pressed.value.startswith("l."):
        return replace(await set_language(pressed.value[2:], call), edit=True)
    if pressed.value.startswith("p."):
        return replace(await forget(pressed.value[2:], call), edit=True)
    return await toggle(pressed.value, call)


_DO: Mapping[str, Callable[[Press, Call], Awaitable[Answer]]] = {
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


async def toggle(value: str, call: Call) -> Answer:
    """Do what a menu's button says: "g.lofi" switches a genre, "i.p.2" turns a page, "t.80.100" sets a tempo."""
    kind, _, rest = value.partition(".")
    if kind == "t":
        await set_pace(rest, call)
        return Answer(await tempo_menu(call), edit=True)
    if kind == "a":
        await switch_avoided(rest, call)
        return Answer(await avoid_menu(call), edit=True)
    field = {"g": "genres", "i": "instruments"}.get(kind)
    if field is None:
        raise Refused("stale_button")
    page = int(rest[2:]) if re.fullmatch(r"p\.\d{1,2}", rest) else None
    if page is None:
        names = {slug(name): name for name in known_names(field)}
        if rest not in names:
            raise Refused("stale_button")
        page = list(names).index(rest) // (PER_ROW * ROWS)
        await switch(field, names[rest], call)
    return Answer(await favourites_menu(call, field, page), edit=True)
