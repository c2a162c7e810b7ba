"""Values as JSON and back: what the database keeps of songs and what --json prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias, TypeVar

from pydantic import TypeAdapter

from pipeline.values import EMOTION_LABELS, Brief, EmotionLabel, Mood, Plan, Reason, RenderParams
from storage.repositories.song_rows import PlanColumns, SongRow

T = TypeVar("T")

JSON: TypeAlias = Mapping[str, Any]

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)  # making one costs a thousand uses


def to_json(value: object) -> dict[str, Any]:
    """Give a dataclass as a JSON object; fields with an alias go by it."""
    return dict(_adapter(type(value)).dump_python(value, mode="json", by_alias=True))


def from_json(of: type[T], data: object) -> T:
    """Read a value back, ignoring keys that it does not know. Raises pydantic's ValidationError."""
    value: T = _adapter(of).validate_python(data)
    return value


def mood_to_json(mood: Mood) -> dict[str, Any]:
    """Give the mood with `sure` spelled out, as --json shows it."""
    data = to_json(mood)
    others = data.pop("others")
    return {**data, "sure": mood.sure, "other_faces": others}


def mood_from_json(data: JSON) -> Mood:
    known = {key: value for key, value in data.items() if key not in ("sure", "other_faces")}
    return from_json(Mood, {**known, "others": data.get("other_faces", ())})


def label_from(text: str) -> EmotionLabel:
    """Check a label that the database kept as text. Raises ValueError for any other word."""
    label = next((each for each in EMOTION_LABELS if each == text), None)
    if label is None:
        raise ValueError(f"no label of a mood: {text[:20]!r}")
    return label


def chosen_mood(label: EmotionLabel) -> Mood:
    """Give the mood that the sender named instead of being read: certain, no face looked at."""
    scores = {each: float(each == label) for each in EMOTION_LABELS}
    return Mood(label=label, confidence=1.0, scores=scores, faces=0)


def plan_columns(plan: Plan, *, prompt_initial: str) -> PlanColumns:
    """Give the columns of a song's row that hold its recipe; `stored_plan` reads them."""
    return PlanColumns(
        prompt_initial=prompt_initial,
        prompt_personalized=plan.prompt,
        brief=to_json(plan.brief),
        params=to_json(plan.params),
        reason=to_json(plan.reason),
        emotion=plan.mood,
        genre=plan.genre,
        model=plan.params.model,
        duration_sec=plan.params.duration_s,
    )


def stored_plan(song: SongRow) -> Plan:
    """Put the recipe together again from the song's row; a row past `queued` has all of it."""
    assert song.prompt_personalized is not None
    assert song.emotion is not None
    return Plan(
        brief=from_json(Brief, song.brief),
        prompt=song.prompt_personalized,
        params=from_json(RenderParams, song.params),  # libraries and remarks stand beside them
        mood=label_from(song.emotion),
        genre=song.genre or "",
        reason=from_json(Reason, song.reason),
    )
