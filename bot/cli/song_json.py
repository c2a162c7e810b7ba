"""A song as --json prints it; scripts depend on these names."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from handlers.library.story import SongStory
from handlers.serialization import mood_to_json, to_json
from pipeline.values import Plan


def song_json(story: SongStory, audio: Path, waveform: Path) -> dict[str, Any]:
    """Give everything about a delivered song; paths are where its files were put."""
    song, sound = story.song, story.events.get("compose", {})
    return {
        "generation_id": song.id,
        "status": song.status.value,
        "mood": mood_to_json(story.mood) if story.mood else None,
        "brief": song.brief,
        "prompt": song.prompt_personalized,
        "params": song.params,
        "engine": song.model,
        "audio": {
            "path": str(audio),
            "mime": "audio/mpeg",
            "duration_s": song.duration_sec,
            "sample_rate": sound.get("sample_rate"),
            "channels": sound.get("channels"),
            "md5": hashlib.md5(audio.read_bytes(), usedforsecurity=False).hexdigest(),
        },
        "waveform": {"path": str(waveform)},
        "timings_ms": timings_ms(story),
    }


def plan_json(plan: Plan, *, source: str, why: str) -> dict[str, Any]:
    """Give a recipe that was not rendered."""
    return {
        "mood": plan.mood,
        "genre": plan.genre,
        "brief": to_json(plan.brief),
        "prompt": plan.prompt,
        "params": to_json(plan.params),
        "draft": {"source": source, "why": why},
    }


def timings_ms(story: SongStory) -> dict[str, float]:
    """Give what each stage took, and the whole from the selfie's arrival to the delivery."""
    keys = {
        "mood": ("emotion", "ms"),
        "draft": ("draft", "ms"),
        "personalise": ("personalise", "ms"),
        "render": ("compose", "render_ms"),
        "finish": ("compose", "finish_ms"),
    }
    taken = {
        stage: story.events[agent][key] for stage, (agent, key) in keys.items() if key in story.events.get(agent, {})
    }
    if story.song.finished_at is not None:
        whole = story.song.finished_at - story.song.created_at
        taken["total"] = round(whole.total_seconds() * 1000, 1)
    return taken
