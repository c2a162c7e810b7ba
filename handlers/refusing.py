"""A refusal as the person reads it."""

from __future__ import annotations

from handlers.errors import Refused
from handlers.replies import Reply
from handlers.texts import sentence
from pipeline.errors import PipelineError


def refusal(locale: str, error: Refused | PipelineError) -> Reply:
    """Say kindly why not. A time to wait ("minutes") is put into words."""
    facts = dict(error.facts)
    minutes = facts.get("minutes")
    if isinstance(minutes, int):
        facts["wait"] = wait_words(locale, minutes)
    return Reply(sentence(locale, error.code, **facts))


def wait_words(locale: str, minutes: int) -> str:
    """Say how long: in minutes below two hours, in hours above."""
    if minutes < 120:
        return sentence(locale, "minute" if minutes == 1 else "minutes", minutes=minutes)
    return sentence(locale, "hours", hours=round(minutes / 60))
