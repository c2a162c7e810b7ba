"""Weights are fetched from a local hub that speaks the documented protocol: ranges, sizes, hashes, hang-ups."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.backends.musicgen import engine_choice, fetching, weights
from pipeline.errors import EngineFailed
from tests.bot.cli.command_line import Here

REVISION = "0123abcd"
CHECKPOINT = ("README.md", "compression_state_dict.bin", "config.json", "model.safetensors", "state_dict.bin")
PUBLISHED = {  # as the repositories list them, more than a fetch takes; what is small is no large file of git's
    "facebook/musicgen-small": CHECKPOINT,
    "facebook/musicgen-melody": CHECKPOINT,
    "google-t5/t5-base": (
        "README.md", "config.json", "flax_model.msgpack", "generation_config.json", "model.safetensors",
        "pytorch_model.bin", "rust_model.ot", "spiece.model", "tf_model.h5", "tokenizer.json",
    ),
    "facebook/encodec_32khz": (
        "README.md", "config.json", "model.safetensors", "preprocessor_config.json", "pytorch_model.bin",
    ),
    "adefossez/HTDemucs": ("955717e8.safetensors", "README.md", "htdemucs.yaml"),
    "facebook/multiband-diffusion": ("README.md", "mbd_comp_8.pt", "mbd_musicgen_32khz.th"),
}  # fmt: skip
SMALL = (".json", ".yaml", ".md", "spiece.model")


@dataclass
class Hub:
    """What the local hub has and how it misbehaves."""

    url: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # repository -> file -> content
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range
    hang_up_after: int | None = None  # bytes of a large file, once
    lies: set[str] = field(default_factory=set)  # files served with other bytes than listed


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.lstrip("/")
            if path.startswith("api/models/"):
                self._send(200, _listing(hub, path.removeprefix("api/models/")), {})
                return
            repository, _, rest = path.partition("/resolve/")
            revision, _, file = rest.partition("/")
            assert revision == REVISION
            content = hub.files[repository][file]
            if file in hub.lies:
                content = content[::-1]
            asked = self.headers.get("Range")
            hub.asked.append((file, asked))
            start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
            extra = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            self._send(206 if start else 200, content[start:], extra if start else {})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = hub.hang_up_after
            if cut is not None and len(body) > cut and not self.path.startswith("/api"):
                hub.hang_up_after = None
                self.wfile.write(body[:cut])
                self.close_connection = True
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is inherited)
            """Stay quiet."""

    return Handler


def _listing(hub: Hub, repository: str) -> bytes:
    siblings: list[dict[str, object]] = []
    for name, content in hub.files.get(repository, {}).items():
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
        if not name.endswith(SMALL):
            entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        siblings.append(entry)
    return json.dumps({"sha": REVISION, "siblings": siblings}).encode()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    for repository, files in PUBLISHED.items():
        hub.files[repository] = {name: f"{repository} {name} ".encode() * 400 for name in files}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(hub: Hub, home: Path, model: str = "small") -> list[tuple[str, int, int]]:
    seen: list[tuple[str, int, int]] = []
    fetching.fetch(model, home, hub=hub.url, on_progress=lambda *step: seen.append(step))
    return seen


def test_a_model_comes_with_all_it_needs(hub: Hub, tmp_path: Path) -> None:
    seen = fetch(hub, tmp_path)

    expected = hub.files["facebook/musicgen-small"]["state_dict.bin"]
    assert (tmp_path / "small" / "state_dict.bin").read_bytes() == expected
    assert (tmp_path / "hub/models--t5-base/refs/main").read_text() == REVISION
    assert (tmp_path / f"hub/models--t5-base/snapshots/{REVISION}/spiece.model").is_file()
    assert (tmp_path / f"hub/models--facebook--encodec_32khz/snapshots/{REVISION}/config.json").is_file()
    assert not (tmp_path / "hub/models--adefossez--HTDemucs").exists()  # only melodies need it
    assert ("state_dict.bin", len(expected), len(expected)) in seen
    assert sorted(file for file, _ in hub.asked) == [
        "compression_state_dict.bin", "config.json", "config.json", "mbd_musicgen_32khz.th", "model.safetensors",
        "model.safetensors", "spiece.model", "state_dict.bin", "tokenizer.json",
    ]  # fmt: skip
    assert weights.check("small", tmp_path) == []


def test_a_melody_model_brings_the_stem_splitter(hub: Hub, tmp_path: Path) -> None:
    fetch(hub, tmp_path, "melody")

    assert (tmp_path / f"hub/models--adefossez--HTDemucs/snapshots/{REVISION}/htdemucs.yaml").is_file()


def test_a_second_fetch_downloads_nothing(hub: Hub, tmp_path: Path) -> None:
    fetch(hub, tmp_path)
    hub.asked.clear()
    fetch(hub, tmp_path)

    assert hub.asked == []


def test_a_broken_off_download_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.hang_up_after = 1000
    with pytest.raises(EngineFailed) as failed:
        fetch(hub, tmp_path)
    assert failed.value.code == "music_weights_unreachable"
    assert not (tmp_path / "small" / "state_dict.bin").exists()
    assert weights.check("small", tmp_path) == ["state_dict.bin", "compression_state_dict.bin"]

    fetch(hub, tmp_path)
    assert ("state_dict.bin", "bytes=1000-") in hub.asked
    assert weights.check("small", tmp_path) == []


def test_a_damaged_half_is_thrown_away_and_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "state_dict.bin.part").write_bytes(b"something else")
    fetch(hub, tmp_path)

    expected = hub.files["facebook/musicgen-small"]["state_dict.bin"]
    assert (tmp_path / "small" / "state_dict.bin").read_bytes() == expected


@pytest.mark.parametrize("file", ["state_dict.bin", "config.json"])
def test_other_bytes_than_promised_are_never_kept(hub: Hub, tmp_path: Path, file: str) -> None:
    hub.lies.add(file)
    with pytest.raises(EngineFailed) as failed:
        fetch(hub, tmp_path)

    assert failed.value.code == "music_weights_damaged"
    assert not list(tmp_path.rglob(file))


def test_bytes_that_changed_later_are_found_and_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    assert weights.damaged("small", tmp_path) == []  # of what nobody fetched nothing is known
    fetch(hub, tmp_path)
    assert weights.damaged("small", tmp_path) == []
    file = tmp_path / "small" / "state_dict.bin"
    file.write_bytes(file.read_bytes()[::-1])
    assert weights.check("small", tmp_path) == []
    assert weights.damaged("small", tmp_path) == ["small/state_dict.bin"]
    fetch(hub, tmp_path)
    assert weights.damaged("small", tmp_path) == []


def test_an_unknown_model_and_a_silent_hub_have_their_codes(tmp_path: Path, hub: Hub) -> None:
    with pytest.raises(EngineFailed) as unknown:
        fetch(hub, tmp_path, "gigantic")
    assert unknown.value.code == "music_weights_unknown"

    hub.url = "http://127.0.0.1:9"  # discard: nothing listens
    with pytest.raises(EngineFailed) as silent:
        fetch(hub, tmp_path)
    assert silent.value.code == "music_weights_unreachable"


def test_the_engine_is_chosen_and_says_why(hub: Hub, tmp_path: Path) -> None:
    def pick(setting: str = "auto", model: str = "small") -> tuple[str, str]:
        chosen = engine_choice.pick_engine(setting, model=model, home=tmp_path)
        return chosen.engine, chosen.reason

    assert pick("sketch") == ("sketch", "asked")
    assert pick("musicgen") == ("musicgen", "asked")
    assert pick() == ("sketch", "no_weights")
    fetch(hub, tmp_path)
    assert pick() == ("sketch", "speed_unknown")
    engine_choice.write_speed("small", tmp_path, 0.9)
    assert pick() == ("musicgen", "fast_cpu")
    engine_choice.write_speed("small", tmp_path, 2.5)
    assert pick() == ("sketch", "slow_cpu")
    (tmp_path / "small" / "state_dict.bin").write_bytes(b"cut")
    assert pick() == ("sketch", "no_weights")
    assert pick(model=str(tmp_path / "small")) == ("sketch", "slow_cpu")  # a folder of one's own has no list to hold
    (tmp_path / "small" / "state_dict.bin").unlink()
    assert pick(model=str(tmp_path / "small")) == ("sketch", "no_weights")


def test_the_command_fetches_and_measures_and_doctor_tells(
    hub: Hub, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hub's "small" is a tiny checkpoint whose text encoder is in the cache already."""
    cli, there = Here(tmp_path, monkeypatch, capsys), tmp_path / "weights"
    shutil.copytree(home / "hub", there / "hub")
    hub.files["facebook/musicgen-small"] |= {file: (home / "text" / file).read_bytes() for file in weights.CHECKPOINT}

    def look(setting: str) -> dict[str, dict[str, object]]:
        answer = cli("doctor", "--json", MUSICGEN_HOME=str(there), MUSIC_ENGINE=setting)
        return {check["name"]: check for check in answer.json["checks"]}

    def engine(setting: str = "auto") -> dict[str, object]:
        return look(setting)["music engine"]

    assert engine()["do"] == "optional, AI-generated songs: selfietune weights fetch small"
    assert (engine("musicgen")["fine"], engine("musicgen")["fatal"]) == (False, True)
    fetched = cli("weights", "fetch", "small", MUSICGEN_HOME=str(there), MUSICGEN_HUB=hub.url)
    assert (fetched.status, fetched.stdout) == (0, f"{there / 'small'}\n")
    assert "CC-BY-NC" in fetched.stderr
    assert "state_dict.bin" in fetched.stderr
    assert (engine_choice.read_speed("small", there) or 0) > 0

    engine_choice.write_speed("small", there, 0.5)
    assert engine()["says"] == "auto takes musicgen: 0.5 s for a second of music on this machine"
    engine_choice.write_speed("small", there, 2.0)
    assert engine()["says"] == "auto takes sketch: MusicGen would need 2.0 s for a second of music here"
    assert engine("musicgen")["fine"]
    assert engine("sketch")["says"] == "sketch, as MUSIC_ENGINE says"
    assert cli("weights", "fetch", "gigantic").status == 2

    mine = str(shutil.copytree(home / "text", tmp_path / "mine"))  # of no published origin: there is only its speed
    assert cli("weights", "fetch", mine, MUSICGEN_HOME=str(there)).stdout == f"{mine}\n"
    assert (engine_choice.read_speed(mine, there) or 0) > 0

    assert look("musicgen")["music weights"]["says"] == "small: sizes and hashes are the published ones"
    file = there / "small" / "state_dict.bin"
    file.write_bytes(file.read_bytes()[::-1])
    wrong = look("musicgen")["music weights"]
    assert (wrong["fine"], wrong["fatal"]) == (False, True)
    assert wrong["says"] == "not as published: small/state_dict.bin"
    assert wrong["do"] == "fetch what is wrong anew: selfietune weights fetch small"
