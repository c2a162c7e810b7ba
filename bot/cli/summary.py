"""The summary of a finished song: the mood as bars, the brief, the prompt, the files."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.cli.program_name import called
from bot.cli.song_json import timings_ms
from handlers.library.story import SongStory
from handlers.serialization import from_json
from handlers.songs.remarks import remark_lines
from handlers.texts import mood_word, terminal_sentence
from pipeline.catalog.mood_colours import MOOD_COLOURS
from pipeline.values import Brief, EmotionLabel, Mood

BAR = 28  # characters of a full bar
EIGHTHS = " ▏▎▍▌▋▊▉█"


def show_song(story: SongStory, audio: Path, waveform: Path, *, listener: str) -> None:
    """Print the summary to stdout, with the commands that vote as this listener."""
    locale = str((story.song.options or {}).get("locale", "en"))
    say = partial(terminal_sentence, locale)
    console = Console(highlight=False)
    if story.mood:
        console.print(_panel(say("summary_mood"), mood_table(story.mood, locale=locale)))
    if story.song.brief:
        console.print(_panel(say("summary_brief"), brief_table(from_json(Brief, story.song.brief), locale=locale)))
    console.print(_panel(say("summary_prompt"), Text(story.song.prompt_personalized or "")))
    vote = f"{called()} vote {story.song.id} up --listener {shlex.quote(listener)}"
    console.print(_files(story, audio, waveform, vote=vote, locale=locale))
    for line in remark_lines(locale, story.song.params):
        console.print(line, markup=False)


def mood_table(mood: Mood, *, locale: str) -> Group:
    """Draw the seven scores as bars, highest first, and say how sure the reading is."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    for label in sorted(mood.scores, key=lambda each: -mood.scores[each]):
        share = mood.scores[label]
        bar = Text(bar_of(share), style=MOOD_COLOURS[label])
        name = Text(mood_word(locale, label), style="bold" if label == mood.label else "")
        table.add_row(name, bar, f"{share:5.1%}")
    return Group(table, *(Text(line, "dim") for line in _remarks(mood, locale=locale)))


def bar_of(share: float) -> str:
    """Draw a share of BAR characters, to an eighth of one."""
    whole, part = divmod(round(share * BAR * 8), 8)
    return ("█" * whole + (EIGHTHS[part] if part else "")).ljust(BAR)


def _remarks(mood: Mood, *, locale: str) -> list[str]:
    remarks = []
    if not mood.sure:
        first, second = (mood_word(locale, label) for label in mood.best_two)
        remarks.append(terminal_sentence(locale, "unsure_mood", first=first, second=second))
    if mood.faces > 1:
        remarks.append(terminal_sentence(locale, "several_faces", faces=mood.faces))
    if len(mood.segments) > 1:
        parts = ", ".join(_segment(s.start_s, s.end_s, s.label, locale) for s in mood.segments)
        remarks.append(parts)
    return remarks


def _segment(start_s: float, end_s: float, label: EmotionLabel, locale: str) -> str:
    return f"{start_s:.0f}–{end_s:.0f} s {mood_word(locale, label)}"


def brief_table(brief: Brief, *, locale: str) -> Table:
    """Lay the brief out line by line."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right")
    rows = {
        "brief_style": f"{brief.style} ({brief.mood})",
        "brief_tempo": f"{brief.bpm} BPM" + (f", {brief.key}" if brief.key else ""),
        "brief_instruments": ", ".join(brief.instruments),
        "brief_arrangement": "\n".join(f"{s.start_s:g}–{s.end_s:g} s  {s.text}" for s in brief.sections),
        "brief_mix": ", ".join(brief.mix),
        "brief_avoid": ", ".join(brief.avoid),
    }
    for code, text in rows.items():
        if text:
            table.add_row(terminal_sentence(locale, code), text)
    return table


def _files(story: SongStory, audio: Path, waveform: Path, *, vote: str, locale: str) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    total = timings_ms(story).get("total", 0.0) / 1000
    table.add_row("🎵", str(audio), style="bold")
    table.add_row("🖼", str(waveform))
    table.add_row(
        "⏱",
        terminal_sentence(
            locale,
            "summary_made",
            engine=story.song.model or "",
            seconds=f"{total:.1f}",
            duration=f"{story.song.duration_sec or 0:.0f}",
            vote=vote,
        ),
    )
    return table


def _panel(title: str, content: Group | Table | Text) -> Panel:
    return Panel(content, title=title, title_align="left", box=box.ROUNDED, padding=(0, 1))
