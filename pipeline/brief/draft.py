"""Agent 3: a mood becomes a brief, by a language model where one is set, else from the mood's palette."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from pipeline.brief.rules import mood_rules
from pipeline.brief.sections import evenly
from pipeline.brief.writer import Source, Writer, WriterFailed, in_time
from pipeline.catalog.mood_palettes import MOODS, MoodSound, Picture
from pipeline.sanitize import unique
from pipeline.seeded_random import rng_for
from pipeline.values import Brief, EmotionLabel, Mood, Section

CLOSE_SECOND = 0.6  # share of the best score from which the second label adds a word of its own
STEADY_BPM = 96  # the tempo that an unsure reading is moved towards: neither sleepy nor excited


@dataclass(frozen=True, slots=True)
class Draft:
    """A brief and where it came from. why is "ok", "no_writer" or the reason the writer failed."""

    brief: Brief
    source: Source
    why: str


async def draft_brief(
    mood: Mood, *, duration_s: float, seed: int, writer: Writer | None, deadline: float | None = None
) -> Draft:
    """Draft a brief for a mood. Never fails: a writer that does is replaced by the palette.

    deadline is a time of the running loop (`writing_deadline`), shared with `personalise`.
    """
    if writer is None:
        return Draft(template_brief(mood, duration_s=duration_s, seed=seed), "template", "no_writer")
    try:
        proposal = await in_time(writer.draft(mood, duration_s=duration_s), deadline=deadline)
    except WriterFailed as failure:
        return Draft(template_brief(mood, duration_s=duration_s, seed=seed), "template", failure.reason)
    return Draft(mood_rules(proposal, mood=mood.label, duration_s=duration_s, seed=seed), "llm", "ok")


def template_brief(mood: Mood, *, duration_s: float, seed: int) -> Brief:
    """Draw a brief from the mood's palette; the same seed draws the same one."""
    sound, rng = MOODS[mood.label], rng_for(seed, f"draft:{mood.label}")
    picture = rng.choices(sound.pictures, weights=[3] + [2] * (len(sound.pictures) - 1))[0]
    brief = Brief(
        style=picture.style,
        mood=", ".join(_adjectives(mood, sound, rng)),
        bpm=_tempo(mood, sound, rng),
        key=rng.choice(sound.keys),
        instruments=_instruments(picture, rng),
        sections=_sections(mood, sound, duration_s, rng),
        mix=tuple(sound.mix[i] for i in sorted(rng.sample(range(len(sound.mix)), 4))),
        avoid=("vocals", *sound.avoid),
        description=rng.choice(sound.overall),
    )
    return mood_rules(brief, mood=mood.label, duration_s=duration_s, seed=seed)


def close_second(mood: Mood) -> EmotionLabel | None:
    """Give the second-best label when its score is close to the best."""
    if len(mood.scores) < 2:
        return None
    first, second = mood.best_two
    second = first if second == mood.label else second
    near = mood.scores.get(second, 0.0) >= CLOSE_SECOND * mood.scores.get(mood.label, 1.0)
    return second if near and second != mood.label else None


def _adjectives(mood: Mood, sound: MoodSound, rng: Random) -> tuple[str, ...]:
    """Choose two adjectives of the mood, or one and one of a close second; an unsure reading gets mild ones."""
    first, *more = rng.sample(sound.words, 2)
    second = close_second(mood)
    if second is not None:
        more = [MOODS[second].blend]
    gentle = [] if mood.sure else ["restrained" if mood.label in ("angry", "disgust", "fear") else "gentle"]
    return unique((*gentle, first, *more))


def _tempo(mood: Mood, sound: MoodSound, rng: Random) -> int:
    bpm = rng.randint(*sound.tempo)
    return bpm if mood.sure else bpm + round((STEADY_BPM - bpm) * 0.2)


def _instruments(picture: Picture, rng: Random) -> tuple[str, ...]:
    """Choose the palette entry's two main instruments and two or three others, in its order."""
    others = picture.instruments[2:]
    kept = set(rng.sample(others, min(len(others), rng.choice((2, 3, 3)))))
    return (*picture.instruments[:2], *(name for name in others if name in kept))


def _sections(mood: Mood, sound: MoodSound, duration_s: float, rng: Random) -> tuple[Section, ...]:
    """Lay out opening, main part and ending, with a change between them in longer songs.

    The first and last mood of a video shape the opening and the ending.
    """
    main, again = rng.sample(sound.mains, 2)
    opening, turn, ending = rng.choice(sound.openings), rng.choice(sound.turns), rng.choice(sound.endings)
    start = mood.segments[0].label if mood.segments else mood.label
    end = mood.segments[-1].label if mood.segments else mood.label
    opening = opening if start == mood.label else MOODS[start].departure
    ending = ending if end == mood.label else MOODS[end].arrival
    closing = _closing_share(mood, rng)
    if duration_s < 45:
        texts, shares = [opening, main, ending], [rng.uniform(0.2, 0.27), 0.0, closing]
    elif duration_s < 75:
        texts, shares = [opening, main, turn, ending], [0.16, 0.0, 0.24, closing * 0.8]
    else:
        texts, shares = [opening, main, turn, again, ending], [0.12, 0.0, 0.2, 0.24, closing * 0.7]
    shares[1] = 1.0 - sum(shares)
    return evenly(texts, shares, duration_s)


def _closing_share(mood: Mood, rng: Random) -> float:
    """Give the ending's share of the song: the share that the video's last mood had of the video, within bounds."""
    share = rng.uniform(0.24, 0.33)
    if mood.segments and mood.segments[-1].label != mood.label and mood.segments[-1].end_s > 0:
        last = mood.segments[-1]
        share = min(max((last.end_s - last.start_s) / last.end_s, 0.25), 0.4)
    return share
