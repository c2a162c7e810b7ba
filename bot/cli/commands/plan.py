"""`selfietune plan`: the recipe a mood would get, without a photo and without rendering."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console

from bot.cli.database import ready_deps
from bot.cli.sampling_options import sampling
from bot.cli.song_json import plan_json
from bot.cli.summary import brief_table
from bot.cli.terminal_chat import PLATFORM
from bot.engines import open_writer
from bot.errors import UserError
from bot.settings import Settings
from handlers.events import Sender
from handlers.preferences.store import show_listener
from handlers.preferences.taste import split_words
from handlers.song_options import SongOptions, check_song_options, params_of
from pipeline.brief.draft import draft_brief
from pipeline.brief.personalise import personalise
from pipeline.brief.writer import writing_deadline
from pipeline.values import EMOTION_LABELS, EmotionLabel, Mood, PastVote, Taste, Vote

MAX_TASTE_BYTES = 1_000_000


class VoteEntry(BaseModel):
    """One vote of a taste file."""

    model_config = ConfigDict(extra="forbid")
    genre: str
    mood: EmotionLabel
    vote: Vote


class TasteFile(BaseModel):
    """What --taste FILE may hold."""

    model_config = ConfigDict(extra="forbid")
    fav_genres: list[str] = []
    fav_instruments: list[str] = []
    bpm_min: int | None = None
    bpm_max: int | None = None
    negative_prompts: str | list[str] = []
    votes: list[VoteEntry] = Field(default=[], max_length=10_000)

    def taste(self) -> Taste:
        avoid = self.negative_prompts
        return Taste(
            fav_genres=tuple(self.fav_genres),
            fav_instruments=tuple(self.fav_instruments),
            bpm_min=self.bpm_min,
            bpm_max=self.bpm_max,
            negative_prompts=split_words(avoid) if isinstance(avoid, str) else tuple(avoid),
            votes=tuple(PastVote(entry.genre, entry.mood, entry.vote) for entry in self.votes),
        )


async def main(options: argparse.Namespace, settings: Settings) -> int:
    song_options = SongOptions(duration_s=options.duration, **sampling(options))
    check_song_options(song_options)
    taste = await _taste(options, settings)
    mood = imagined_mood(options.mood, options.confidence)
    params = params_of(song_options, seed=options.seed)
    if options.no_llm:
        settings = settings.model_copy(update={"openai_api_key": None})
    deadline = writing_deadline(settings.writing_timeout_s)
    async with open_writer(settings) as writer:
        draft = await draft_brief(
            mood, duration_s=options.duration, seed=options.seed, writer=writer, deadline=deadline
        )
        personal = await personalise(draft.brief, taste, mood=mood, params=params, writer=writer, deadline=deadline)
    if options.json:
        shown = plan_json(personal.plan, source=draft.source, why=draft.why)
        print(json.dumps(shown, ensure_ascii=False))  # noqa: T201
    else:
        console = Console(highlight=False)
        console.print(brief_table(personal.plan.brief, locale="en"))
        console.print(f"\n{personal.plan.prompt}", markup=False)
    return 0


def imagined_mood(label: EmotionLabel, confidence: float) -> Mood:
    """Make a mood without a photo: `confidence` for the label, the rest spread evenly over the other six."""
    rest = (1 - confidence) / (len(EMOTION_LABELS) - 1)
    scores = {each: confidence if each == label else rest for each in EMOTION_LABELS}
    return Mood(label=label, confidence=confidence, scores=scores)


async def _taste(options: argparse.Namespace, settings: Settings) -> Taste:
    if options.taste:
        return _taste_file(Path(options.taste))
    if options.listener:
        async with ready_deps(settings) as deps:
            sender = Sender(PLATFORM, options.listener, options.listener)
            return (await show_listener(sender, deps=deps)).taste
    return Taste()


def _taste_file(file: Path) -> Taste:
    try:
        if file.stat().st_size > MAX_TASTE_BYTES:
            raise UserError("bad_taste_file", file=str(file), problem="more than 1 MB")
        return TasteFile.model_validate_json(file.read_bytes()).taste()
    except FileNotFoundError as error:
        raise UserError("no_such_file", file=str(file)) from error
    except OSError as error:
        raise UserError("unreadable_file", file=str(file), problem=error.strerror or "unreadable") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise UserError("bad_taste_file", file=str(file), problem=f"{where}: {first['msg']}") from error
