"""Write a brief as the final prompt: plain text of at most 1000 characters. Rules and engines call this."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from pipeline.sanitize import flatten, shorten
from pipeline.values import Brief, Section

_AVOID = re.compile(r"(?:^| )Avoid: .*?(?:\.(?= Overall: )|$)")  # as `_render` writes it

LONGEST_PROMPT = 1000  # characters; about 250 tokens, what the text encoder was trained to read


def render_prompt(brief: Brief) -> str:
    """Write the brief as one paragraph in the reference form; the least important parts are shortened until it fits."""
    brief = _clipped(brief)
    for shorter in _SHORTENINGS:
        while len(_render(brief)) > LONGEST_PROMPT:
            next_brief = shorter(brief)
            if next_brief == brief:
                break
            brief = next_brief
    return shorten(_render(brief), LONGEST_PROMPT)


def without_avoid(prompt: str) -> str:
    """Give the prompt without its sentence of words to avoid, for a model that plays every word it reads."""
    return _AVOID.sub("", prompt).strip()


def positive_part(brief: Brief) -> str:
    """Give what the prompt asks for, without the fixed words of its form."""
    sections = [section.text for section in brief.sections]
    parts = [
        brief.mood,
        brief.style,
        brief.key or "",
        *brief.instruments,
        *sections,
        *brief.mix,
        brief.description,
    ]
    return " ; ".join(part for part in parts if part)


def _render(brief: Brief) -> str:
    head = " ".join(part for part in (brief.mood, brief.style) if part) or "instrumental"
    article = "An" if head[0] in "aeiouAEIOU" and not head.lower().startswith(("uk ", "euro", "ukulele")) else "A"
    key = f" in {brief.key}" if brief.key else ""
    sentences = [f"{article} {head} track at {brief.bpm} BPM{key}, featuring {', '.join(brief.instruments)}."]
    if brief.sections:
        sentences.append(f"Arrangement: {', '.join(map(_section, brief.sections))}.")
    if brief.mix:
        sentences.append(f"Mix: {', '.join(brief.mix)}.")
    if brief.avoid:
        sentences.append(f"Avoid: {', '.join(brief.avoid)}.")
    if brief.description:
        sentences.append(f"Overall: {brief.description}.")
    return " ".join(sentences)


def _section(section: Section) -> str:
    return f"{_seconds(section.start_s)}–{_seconds(section.end_s)}s {section.text}"


def _seconds(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _clipped(brief: Brief) -> Brief:
    """Give the brief with every field on one line, cut to its limit."""
    return replace(
        brief,
        style=_line(brief.style, 80),
        mood=_line(brief.mood, 80),
        key=_line(brief.key, 12) if brief.key else None,
        instruments=_lines(brief.instruments, 8, 70),
        sections=tuple(replace(section, text=_line(section.text, 100)) for section in brief.sections[:8]),
        mix=_lines(brief.mix, 10, 50),
        avoid=_lines(brief.avoid, 30, 40),
        description=_line(brief.description, 120),
    )


def _line(text: str, max_chars: int) -> str:
    return shorten(flatten(text).strip(" .,"), max_chars)


def _lines(texts: tuple[str, ...], count: int, max_chars: int) -> tuple[str, ...]:
    return tuple(line for line in (_line(text, max_chars) for text in texts[:count]) if line)


def _fewer_avoid(least: int) -> Callable[[Brief], Brief]:
    return lambda brief: replace(brief, avoid=brief.avoid[: max(least, len(brief.avoid) - 1)])


def _fewer_instruments(least: int) -> Callable[[Brief], Brief]:
    return lambda brief: replace(brief, instruments=brief.instruments[: max(least, len(brief.instruments) - 1)])


def _plainer_sections(brief: Brief) -> Brief:
    """Remove the detail of the last section that has one: "main groove with chord stabs" is "main groove"."""
    sections = list(brief.sections)
    for index in reversed(range(len(sections))):
        plain = sections[index].text.split(" with ")[0].split(" and ")[0][:30]
        if plain != sections[index].text:
            sections[index] = replace(sections[index], text=shorten(plain, 24) or plain[:24])
            break
    return replace(brief, sections=tuple(sections))


# Least important first. A listener's own terms come first in Avoid, so shortening removes the mood's.
_SHORTENINGS: tuple[Callable[[Brief], Brief], ...] = (
    lambda brief: replace(brief, description=""),
    lambda brief: replace(brief, mix=brief.mix[: max(3, len(brief.mix) - 1)]),
    _fewer_instruments(4),
    _plainer_sections,
    lambda brief: replace(brief, mix=brief.mix[: max(1, len(brief.mix) - 1)]),
    _fewer_instruments(2),
    _fewer_avoid(1),
)
