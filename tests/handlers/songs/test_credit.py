"""What captions say of the engine: what it answered when it rendered, not what its name sounds like."""

from __future__ import annotations

import pytest

from handlers.delivery.song_message import song_message
from handlers.deps import Deps
from handlers.jobs.render import render_song
from handlers.library.details import settings_text
from handlers.songs.credit import Credit, credit_from_json, credit_line, credit_to_json
from pipeline.backends.sketch.composer import SketchComposer
from storage.song_states import SongState
from tests.handlers.planned_songs import planned, row


@pytest.mark.parametrize(
    ("engine", "credit", "said"),
    [
        ("tape", Credit("synthesised"), "Composed and played by the tape engine"),
        ("musicgen-free", Credit("generative"), "AI-generated with musicgen-free"),
        ("tape", Credit("generative", "noncommercial"), "AI-generated with tape, non-commercial"),
        ("tape", Credit("synthesised", "noncommercial"), "Composed and played by the tape engine, non-commercial"),
    ],
)
def test_the_engines_answer_is_kept_and_said(engine: str, credit: Credit, said: str) -> None:
    kept = credit_from_json({"seed": 1, **credit_to_json(credit)}, engine=engine)
    assert kept == credit
    assert credit_line("en", engine, kept) == said


@pytest.mark.parametrize(
    ("engine", "credit"),
    [
        ("sketch", Credit("synthesised")),
        ("musicgen-small", Credit("generative", "noncommercial")),
        ("other", Credit("generative")),
    ],
)
def test_older_rows_have_the_engines_name_to_go_by(engine: str, credit: Credit) -> None:
    assert credit_from_json({"seed": 1}, engine=engine) == credit


class Renamed(SketchComposer):
    """The sketch engine under a name that says nothing, with a licence of its own."""

    @property
    def name(self) -> str:
        return "renamed"

    @property
    def licence(self) -> str:  # type: ignore[override]
        return "noncommercial"


async def test_a_rendered_song_carries_its_credit(deps: Deps) -> None:
    song_id = await planned(deps)
    await render_song(song_id, deps=deps, composers=[Renamed()])
    song = await row(deps, song_id)
    assert song.status == SongState.DELIVERING
    assert song.params is not None
    assert song.params["credit"] == {"kind": "synthesised", "licence": "noncommercial"}
    assert "credit" not in settings_text(song.params)
    assert "played by the renamed engine, non-commercial" in (await song_message(song, deps=deps)).caption
