"""A score from 0 to 5 and a comment, by a form, a row of buttons or a reply to the song."""

from __future__ import annotations

from handlers.button_actions import ButtonAction
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Origin, Sender, VoteCast
from handlers.feedback.votes import HIGHEST, LOWEST, cast_vote
from handlers.preferences.language import language_of
from handlers.responses import Button, Reply, Rows, refusal
from handlers.songs.access import visible_song
from handlers.texts import sentence


async def rate(
    song_id: int, by: Sender, score: int | None, comment: str | None, *, deps: Deps, origin: Origin
) -> Reply:
    """Keep the score, the comment or both; never raises for what a person typed."""
    locale = await language_of(by, origin.locale, deps=deps)
    words = (comment or "").strip()
    try:
        await deps.read(lambda unit: visible_song(song_id, by, origin=origin, unit=unit))
        if score is None and not words:
            return Reply(sentence(locale, "nothing_rated"))
        await cast_vote(VoteCast(by, song_id, None, score, words or None), deps=deps)
    except Refused as error:
        return refusal(locale, error)
    if score is None:
        return Reply(sentence(locale, "commented"))
    return Reply(sentence(locale, "rated", score=score, high=HIGHEST))


def score_buttons(song_id: int) -> Rows:
    """A row from 0 to 5, for platforms without forms."""
    return (tuple(Button(str(n), ButtonAction("score", song_id, str(n)).encode()) for n in range(LOWEST, HIGHEST + 1)),)
