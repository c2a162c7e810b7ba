"""The words and buttons of a song message, the same on every platform."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.button_actions import ButtonAction
from handlers.responses import Button, Rows
from handlers.songs.credit import Credit, credit_line
from handlers.texts import mood_word, sentence
from pipeline.values import Mood, MoodSegment, Plan, Reason

MOST_SEGMENTS = 4


def song_caption(
    locale: str,
    *,
    mood: Mood,
    plan: Plan,
    engine: str,
    credit: Credit,
    picture: int | None = None,
    pictures: int = 0,
    chosen: bool = False,
    remarks: Iterable[str] = (),
) -> str:
    """Mood in words, what was made and why, the engine, and what else is worth knowing; below 1000 characters.

    picture is the number of the photo that was read when several came. chosen: the sender named the mood.
    remarks are lines about what is otherwise than asked.
    """
    lines = [mood_line(locale, mood, chosen=chosen), made_line(locale, plan), reason_line(locale, plan.reason)]
    lines.append(credit_line(locale, engine, credit))
    if len(mood.segments) > 1:
        lines.append(sentence(locale, "caption_course", course=_course(locale, mood.segments)))
    if mood.faces > 1:
        lines.append(sentence(locale, "caption_faces", faces=mood.faces))
    if picture and pictures > 1:
        lines.append(sentence(locale, "caption_picture", picture=picture, pictures=pictures))
    return "\n".join(line for line in (*lines, *remarks) if line)


def mood_line(locale: str, mood: Mood, *, chosen: bool) -> str:
    """Say the mood: "Mood: happy, 92 %", or that the sender said so."""
    word = mood_word(locale, mood.label)
    if chosen or mood.faces == 0:
        return sentence(locale, "caption_mood_chosen", mood=word)
    return sentence(locale, "caption_mood", mood=word, percent=round(100 * mood.confidence))


def made_line(locale: str, plan: Plan) -> str:
    """Say what was made: genre, tempo and the first instruments."""
    instruments = ", ".join(plan.brief.instruments[:3])
    return sentence(locale, "caption_made", style=plan.brief.style, bpm=plan.brief.bpm, instruments=instruments)


def reason_line(locale: str, reason: Reason) -> str:
    """Say why it turned out so: "lo-fi, because you liked 4 of 5"."""
    return sentence(locale, f"reason_{reason.kind}", genre=reason.genre or "–", liked=reason.liked, rated=reason.rated)


def song_buttons(locale: str, song_id: int, *, up: int = 0, down: int = 0) -> Rows:
    """👍 n · 👎 n · 🔁 Again · ⋯ Details · ⭐ Rate, in the song's language: everybody sees them."""
    return (
        (
            Button(f"👍 {up}" if up else "👍", ButtonAction("vote", song_id, "up").encode()),
            Button(f"👎 {down}" if down else "👎", ButtonAction("vote", song_id, "down").encode()),
            Button("🔁", ButtonAction("again", song_id).encode(), word=sentence(locale, "button_again")),
            Button("⋯", ButtonAction("details", song_id).encode(), word=sentence(locale, "button_details")),
            Button("⭐", ButtonAction("rate", song_id).encode(), word=sentence(locale, "button_rate")),
        ),
    )


def _course(locale: str, segments: Iterable[MoodSegment]) -> str:
    """Tell how the mood of a video went: "calm 0–4 s, happy 4–9 s"."""
    parts = [f"{mood_word(locale, part.label)} {part.start_s:.0f}–{part.end_s:.0f} s" for part in segments]
    more = ", …" if len(parts) > MOST_SEGMENTS else ""
    return ", ".join(parts[:MOST_SEGMENTS]) + more
