"""`try`, `again`, `vote`, `history`, `listener` in an empty folder, with everything embedded."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psutil
import pytest

from handlers.serialization import mood_to_json
from pipeline.values import EMOTION_LABELS, Mood, MoodSegment
from tests.bot.cli.command_line import Answer, Cli, Here

MARK = "STARTED_BY_TEST"


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, weights_home: Path) -> Cli:
    folder = tmp_path_factory.mktemp("empty")
    return Cli(folder, {"DEEPFACE_HOME": str(weights_home), MARK: str(folder)})


@pytest.fixture
def here(cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The same installation, without a process for each command."""
    return Here(cli.folder, monkeypatch, capsys)


@pytest.fixture(scope="module")
def song(cli: Cli, portrait: Path) -> Answer:
    """The first song of a new installation, of a listener with preferences."""
    cli("listener", "set", "Zoë 🎈", "--genres", "lo-fi", "--bpm", "60-80", "--avoid", "heavy drums")
    answer = cli("try", portrait, "--json", "--duration", "5", "--seed", "7", "--listener", "Zoë 🎈", "--out", "out")
    assert answer.status == 0, answer.stderr
    return answer


def test_try_prints_one_object_with_everything(song: Answer, cli: Cli) -> None:
    shown = song.json
    assert set(shown) == {
        *("generation_id", "status", "mood", "brief", "prompt", "params", "engine", "audio", "waveform", "timings_ms"),
    }
    assert (shown["generation_id"], shown["status"], shown["engine"]) == (1, "delivered", "sketch")
    mood = shown["mood"]
    assert {"label", "confidence", "sure", "scores", "faces", "segments"} <= set(mood)
    assert (mood["label"], mood["sure"], mood["faces"], mood["segments"]) == ("happy", True, 1, [])
    assert set(mood["scores"]) == set(EMOTION_LABELS)
    assert sum(mood["scores"].values()) == pytest.approx(1, abs=1e-3)
    brief = shown["brief"]
    assert set(brief) == {
        *("style", "mood", "bpm", "key", "instruments", "sections", "mix", "avoid", "description"),
    }
    assert 60 <= brief["bpm"] <= 80
    assert "heavy drums" in brief["avoid"]
    assert (brief["sections"][0]["start_s"], brief["sections"][-1]["end_s"]) == (0, 5)
    assert shown["params"]["seed"] == 7
    assert shown["params"]["credit"] == {"kind": "synthesised", "licence": None}
    audio = shown["audio"]
    assert set(audio) == {"path", "mime", "duration_s", "sample_rate", "channels", "md5"}
    assert hashlib.md5(Path(audio["path"]).read_bytes()).hexdigest() == audio["md5"]
    assert Path(shown["waveform"]["path"]).read_bytes().startswith(b"\x89PNG")
    assert Path(audio["path"]).parent == cli.folder / "out"
    assert {"mood", "draft", "personalise", "render", "finish", "total"} == set(shown["timings_ms"])


def test_a_videos_segments_have_the_names_that_scripts_read() -> None:
    scores = dict.fromkeys(EMOTION_LABELS, 1 / 7)
    mood = Mood("sad", 0.6, scores, segments=(MoodSegment(0.0, 2.5, "sad", 0.7),))
    shown = mood_to_json(mood)["segments"]
    assert shown == [{"start_s": 0.0, "end_s": 2.5, "label": "sad", "confidence": 0.7}]


def test_nothing_of_the_photo_stays(song: Answer, cli: Cli) -> None:
    assert not list((cli.folder / "var").rglob("*.selfie"))
    assert not list((cli.folder / "var" / "media" / ".parts").glob("*"))


def test_nothing_that_try_started_is_left(song: Answer, cli: Cli) -> None:
    """Redis and both workers had the command's environment."""
    assert [process for process in psutil.process_iter() if _mark_of(process) == cli.settings[MARK]] == []


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.Error:  # it has gone meanwhile, or is another user's
        return None


def test_progress_goes_to_stderr(song: Answer) -> None:
    assert "reading the mood" in song.stderr
    assert song.stderr.rstrip().endswith("done")


def test_again_is_identical(song: Answer, cli: Cli) -> None:
    answer = cli("again", "1", "--json")
    assert answer.status == 0
    assert (answer.json["generation_id"], answer.json["identical"]) == (1, True)
    assert Path(answer.json["audio"]["path"]).exists()


def test_a_vote_shows_in_history_and_taste(song: Answer, cli: Cli) -> None:
    vote = cli("vote", "1", "up", "--score", "5", "--comment", "more 🎷", "--listener", "Zoë 🎈", "--json")
    assert vote.json == {"generation_id": 1, "up": 1, "down": 0}
    (shown,) = cli("history", "Zoë 🎈", "--json").json["songs"]
    assert (shown["vote"], shown["score"], shown["comment"]) == ("up", 5, "more 🎷")
    assert (shown["status"], shown["mood"], shown["up"], shown["down"]) == ("delivered", "happy", 1, 0)
    listener = cli("listener", "show", "Zoë 🎈", "--json").json
    assert listener["votes"] == [{"genre": shown["genre"], "mood": "happy", "vote": "up"}]
    assert (listener["fav_genres"], listener["bpm_min"], listener["bpm_max"]) == (["lo-fi"], 60, 80)


def test_sketch_follows_no_melody_and_says_so(song: Answer, cli: Cli, portrait: Path) -> None:
    (cli.folder / "hum.wav").write_bytes(b"RIFF" + bytes(100))
    answer = cli("try", portrait, "--duration", "5", "--melody", "hum.wav", "--listener", "Zoë 🎈")
    assert answer.status == 0, answer.stderr
    assert "Made without your melody. The engine here follows no melodies" in answer.stdout
    assert "python -m bot vote 2 up --listener 'Zoë 🎈'" in " ".join(answer.stdout.split())


def test_sketch_goes_on_from_no_song_and_says_so(song: Answer, cli: Cli) -> None:
    answer = cli("extend", "1", "--listener", "Zoë 🎈", "--json")
    assert (answer.status, answer.code) == (2, "extend_unsupported")
    assert "sketch" in answer.json["error"]["message"]


def test_people_read_tables(song: Answer, here: Here) -> None:
    assert "lo-fi" in here("listener", "show", "Zoë 🎈").stdout
    assert "delivered" in here("history", "Zoë 🎈").stdout
    assert "identical" in here("again", "1").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("again", "99"),
        ("vote", "99", "up", "--listener", "Zoë 🎈"),
        ("history", "nobody"),
        ("listener", "show", "nobody"),
        ("listener", "set", "Zoë 🎈", "--bpm", "fast"),
        ("listener", "set", "Zoë 🎈", "--genres", "x" * 61),
        ("vote", "1", "sideways", "--listener", "Zoë 🎈"),
    ],
)
def test_mistakes_are_the_persons_to_mend(song: Answer, here: Here, arguments: tuple[str, ...]) -> None:
    answer = here(*arguments, "--json")
    assert answer.status == 2
    assert answer.code in {"unknown_song", "unknown_listener", "bad_bpm", "word_too_long", "usage"}
