"""Agent 4: a brief and a listener's taste become the plan that is rendered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.brief.avoidance import avoidance
from pipeline.brief.genre_choice import choose_genre
from pipeline.brief.rules import apply_rules
from pipeline.brief.writer import Source, Writer, WriterFailed, in_time
from pipeline.values import Brief, EmotionLabel, Mood, Plan, RenderParams, Taste


@dataclass(frozen=True, slots=True)
class Personalised:
    """A plan and who wrote it. why is "ok", "no_writer" or the reason the writer failed."""

    plan: Plan
    source: Source
    why: str


async def personalise(
    brief: Brief,
    taste: Taste,
    *,
    mood: Mood | EmotionLabel,
    params: RenderParams,
    writer: Writer | None,
    deadline: float | None = None,
) -> Personalised:
    """Make a draft the listener's own. Never fails: without a writer's proposal the rules alone make the plan.

    The writer gets the brief after the taste was applied and may only improve its words: genre and tempo stay.
    deadline is a time of the running loop, the one that `draft_brief` was given.
    """
    label = mood.label if isinstance(mood, Mood) else mood
    avoid = avoidance(taste.negative_prompts)
    choice = choose_genre(taste, mood=label, style=brief.style, seed=params.seed, avoid=avoid)
    plan = apply_rules(brief, taste, mood=label, params=params, choice=choice)
    if writer is None:
        return Personalised(plan, "template", "no_writer")
    try:
        proposal = await in_time(writer.personalise(plan.brief, taste), deadline=deadline)
    except WriterFailed as failure:
        return Personalised(plan, "template", failure.reason)
    proposal = replace(proposal, bpm=plan.brief.bpm)
    return Personalised(apply_rules(proposal, taste, mood=label, params=params, choice=choice), "llm", "ok")
