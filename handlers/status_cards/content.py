"""What a status card says at each point of a song's way; pure."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.button_actions import ButtonAction
from handlers.delivery.notices import retry_buttons
from handlers.responses import Button, Rows, in_rows
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.songs.caption import mood_line
from handlers.songs.eta import QueueEstimate
from handlers.texts import mood_word, sentence
from pipeline.values import EMOTION_LABELS, EmotionLabel, Mood
from storage.repositories.messages.status_cards import CardRow
from storage.song_states import ENDS, SongState


@dataclass(frozen=True, slots=True)
class Card:
    """What the message shall show; an empty text means that it shall go."""

    text: str
    buttons: Rows = ()
    rendering: float | None = None  # while rendering: how far, in [0, 1]; for chat actions


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything a card is written from. chosen: the sender named the mood; estimate: the queue, if it matters."""

    row: CardRow
    mood: Mood | None
    chosen: bool
    estimate: QueueEstimate | None


def card_of(facts: CardFacts) -> Card:
    """Write the card of a song."""
    row, locale = facts.row, from_json(SongOptions, facts.row.options).locale
    if row.status in ENDS:
        return _closing_card(facts, locale)
    if row.status == SongState.ASKING and facts.mood is not None:
        return mood_question(row.id, facts.mood, locale)
    later = sentence(locale, "card_direct_later") if becomes_song(row) else ""
    lines = [_mood_line(facts, locale), _brief_line(facts, locale), _stage_line(facts, locale), later]
    rendering = (row.progress or 0.0) if row.status == SongState.RENDERING else None
    return Card("\n".join(line for line in lines if line), cancel_buttons(locale, row.id), rendering)


def mood_question(song_id: int, mood: Mood, locale: str) -> Card:
    """Ask which of the two best moods it is."""
    first, second = mood.best_two
    text = sentence(locale, "ask_mood", first=mood_word(locale, first), second=mood_word(locale, second))
    choice = (_mood_button(song_id, first, locale), _mood_button(song_id, second, locale))
    more = Button(sentence(locale, "button_another"), ButtonAction("moods", song_id).encode())
    return Card(text, ((*choice, more), *cancel_buttons(locale, song_id)))


def all_moods(song_id: int, locale: str) -> Rows:
    """A button for each of the seven moods: of a song, or of one that begins with it (0)."""
    return in_rows([_mood_button(song_id, label, locale) for label in EMOTION_LABELS], width=4)


def cancel_buttons(locale: str, song_id: int) -> Rows:
    return ((Button(sentence(locale, "button_cancel"), ButtonAction("cancel", song_id).encode(), "bad"),),)


def _mood_button(song_id: int, label: EmotionLabel, locale: str) -> Button:
    return Button(mood_word(locale, label), ButtonAction("mood", song_id, label).encode())


def _closing_card(facts: CardFacts, locale: str) -> Card:
    """End as the song (which is a message of its own), as a word, or as the failure's sentence, told once."""
    row = facts.row
    if row.status == SongState.CANCELLED:
        return Card(sentence(locale, "cancelled"))
    if row.status != SongState.FAILED or row.notified_at is not None:
        return Card("")
    words = {key: value for key, value in (row.error or {}).items() if isinstance(value, (str, int, float))}
    known = facts.mood is not None or from_json(SongOptions, row.options).mood is not None
    text = sentence(locale, row.error_code or "broken", **words)
    return Card(text, retry_buttons(locale, row.id) if known else ())


def becomes_song(row: CardRow) -> bool:
    """Whether the place is open to us for a short time and by this one message, so that the song may go elsewhere."""
    return "until" in (row.reply_to or {})


def _mood_line(facts: CardFacts, locale: str) -> str:
    if facts.mood is None or facts.row.status in (SongState.RECEIVED, SongState.READING):
        return ""
    return mood_line(locale, facts.mood, chosen=facts.chosen)


def _brief_line(facts: CardFacts, locale: str) -> str:
    brief = facts.row.brief
    if brief is None:
        return ""
    style, bpm = str(brief.get("style", "")), str(brief.get("bpm", "–"))
    return sentence(locale, "card_brief", style=style, bpm=bpm)


def _stage_line(facts: CardFacts, locale: str) -> str:
    row = facts.row
    if row.status == SongState.QUEUED:
        return _queue_line(facts, locale)
    if row.status == SongState.RENDERING:
        return sentence(locale, "card_rendering", percent=round(100 * (row.progress or 0.0)))
    if row.status == SongState.RECEIVED and from_json(SongOptions, row.options).mood is not None:
        return sentence(locale, "card_received_mood")
    return sentence(locale, f"card_{row.status.value}")


def _queue_line(facts: CardFacts, locale: str) -> str:
    """Say how many come first and how long that takes: "2 ahead of you, about 1 min"."""
    ahead = facts.estimate.ahead(facts.row.id) if facts.estimate else 0
    minutes = facts.estimate.minutes(facts.row.id, facts.row.duration_sec or 30.0) if facts.estimate else None
    if minutes is None:
        return sentence(locale, "card_queued_unknown", ahead=ahead) if ahead else sentence(locale, "card_next")
    code = "card_queued" if ahead else "card_next_minutes"
    return sentence(locale, code, ahead=ahead, minutes=minutes)
