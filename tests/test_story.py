"""The whole story, told the same on every platform: a selfie becomes a song, a vote changes the next one.

A platform is a way to send, to wait, to vote and to look back; each adds its own here and in STAGES.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.bot.cli import Cli


@dataclass(frozen=True)
class Heard:
    """What a person has after a song arrived."""

    song_id: int
    mood: str
    genre: str
    bpm: int
    audio: bytes


class Stage(Protocol):
    """What a person does on a platform."""

    def prefer(self, *, bpm: tuple[int, int], avoid: str) -> None: ...

    def send(self, photo: Path) -> Heard: ...

    def refused(self, photo: Path) -> str:
        """Send what is no selfie, and give the sentence that comes back."""

    def vote(self, song_id: int, vote: str) -> None: ...

    def songs(self) -> list[int]:
        """List one's own songs, newest first."""

    def votes(self) -> list[str]:
        """Give the votes that shape one's next song."""


@dataclass(frozen=True)
class Terminal:
    """The command line, everything embedded."""

    cli: Cli

    def prefer(self, *, bpm: tuple[int, int], avoid: str) -> None:
        assert self.cli("listener", "set", "me", "--bpm", f"{bpm[0]}-{bpm[1]}", "--avoid", avoid).status == 0

    def send(self, photo: Path) -> Heard:
        shown = self.cli("try", photo, "--json", "--duration", "5").json
        (genre,) = [
            song["genre"]
            for song in self.cli("history", "me", "--json").json["songs"]
            if song["generation_id"] == shown["generation_id"]
        ]
        audio = Path(shown["audio"]["path"]).read_bytes()
        return Heard(shown["generation_id"], shown["mood"]["label"], genre, shown["brief"]["bpm"], audio)

    def refused(self, photo: Path) -> str:
        answer = self.cli("try", photo)
        assert answer.status == 2
        return answer.stderr

    def vote(self, song_id: int, vote: str) -> None:
        assert self.cli("vote", str(song_id), vote, "--listener", "me").status == 0

    def songs(self) -> list[int]:
        return [song["generation_id"] for song in self.cli("history", "me", "--json").json["songs"]]

    def votes(self) -> list[str]:
        return [vote["vote"] for vote in self.cli("listener", "show", "me", "--json").json["votes"]]


STAGES = ("terminal",)


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, tmp_path: Path, weights_home: Path) -> Stage:
    stages = {"terminal": lambda: Terminal(Cli(tmp_path, {"DEEPFACE_HOME": str(weights_home)}))}
    return stages[request.param]()


def test_a_selfie_becomes_a_song_and_a_vote_changes_the_next(stage: Stage, portrait: Path, tmp_path: Path) -> None:
    stage.prefer(bpm=(70, 80), avoid="heavy drums")
    first = stage.send(portrait)
    assert first.mood == "happy"
    assert 70 <= first.bpm <= 80
    assert first.audio.startswith((b"ID3", b"\xff\xfb"))
    stage.vote(first.song_id, "down")
    stage.vote(first.song_id, "up")
    assert stage.votes() == ["up"]

    (tmp_path / "letter.txt").write_text("no picture")
    assert "neither a photo nor a video" in stage.refused(tmp_path / "letter.txt")

    second = stage.send(portrait)
    assert second.audio != first.audio
    assert stage.songs() == [second.song_id, first.song_id + 1, first.song_id]
