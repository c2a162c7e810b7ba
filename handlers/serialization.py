"""Values of the pipeline as JSON and back: what the database keeps and what --json prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from pipeline.values import Brief, EmotionLabel, Mood, Plan, Reason, RenderParams
from storage.repositories.song_rows import SongRow

JSON: TypeAlias = Mapping[str, Any]

_BRIEF = TypeAdapter(Brief)
_MOOD = TypeAdapter(Mood)
_PARAMS = TypeAdapter(RenderParams)
_REASON = TypeAdapter(Reason)
_LABEL: TypeAdapter[EmotionLabel] = TypeAdapter(EmotionLabel)


def brief_to_json(brief: Brief) -> JSON:
    return dict(_BRIEF.dump_python(brief, mode="json"))


def brief_from_json(data: JSON) -> Brief:
    return _BRIEF.validate_python(data)


def params_to_json(params: RenderParams) -> JSON:
    return dict(_PARAMS.dump_python(params, mode="json"))


def params_from_json(data: JSON) -> RenderParams:
    """Read parameters; keys that only describe the render (library versions) are ignored."""
    return _PARAMS.validate_python(data)


def reason_to_json(reason: Reason) -> JSON:
    return dict(_REASON.dump_python(reason, mode="json"))


def reason_from_json(data: JSON) -> Reason:
    return _REASON.validate_python(data)


def mood_to_json(mood: Mood) -> JSON:
    """Give the mood with `sure` spelled out, as --json shows it."""
    data = dict(_MOOD.dump_python(mood, mode="json"))
    others = data.pop("others")
    return {**data, "sure": mood.sure, "other_faces": others}


def mood_from_json(data: JSON) -> Mood:
    known = {key: value for key, value in data.items() if key not in ("sure", "other_faces")}
    return _MOOD.validate_python({**known, "others": data.get("other_faces", ())})


def label_from(text: str) -> EmotionLabel:
    return _LABEL.validate_python(text)


def chosen_mood(label: EmotionLabel) -> Mood:
    """Give the mood that the sender named instead of being read: certain, no face looked at."""
    from pipeline.values import EMOTION_LABELS

    scores = {each: float(each == label) for each in EMOTION_LABELS}
    return Mood(label=label, confidence=1.0, scores=scores, faces=0)


def plan_of(brief: JSON, params: JSON, reason: JSON, *, prompt: str, mood: str, genre: str) -> Plan:
    """Put the recipe together again from the columns of its row."""
    return Plan(
        brief=brief_from_json(brief),
        prompt=prompt,
        params=params_from_json(params),
        mood=label_from(mood),
        genre=genre,
        reason=reason_from_json(reason),
    )


def stored_plan(song: SongRow) -> Plan:
    """Put the recipe together again from the song's row; a row past `queued` has all of it."""
    assert song.brief is not None
    assert song.params is not None
    assert song.reason is not None
    assert song.prompt_personalized is not None
    assert song.emotion is not None
    return plan_of(
        song.brief,
        song.params,
        song.reason,
        prompt=song.prompt_personalized,
        mood=song.emotion,
        genre=song.genre or "",
    )
