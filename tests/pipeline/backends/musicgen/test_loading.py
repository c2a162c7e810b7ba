"""Checkpoints in audiocraft's format load; hostile, broken, missing and foreign ones are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.backends.musicgen import memory_plan
from pipeline.backends.musicgen.loading import Loaded, display_name, load
from pipeline.backends.musicgen.network import read_network
from pipeline.errors import EngineFailed


def test_a_published_layout_is_loaded_by_audiocraft_itself(text: Loaded, home: Path) -> None:
    stereo, tune = load("stereo", home), load("tune", home)

    assert (text.name, text.channels, text.melody) == ("musicgen-text", 1, False)
    assert (stereo.channels, stereo.lm.n_q) == (2, 8)
    assert tune.melody
    assert (text.frame_rate, text.sample_rate, text.window_s) == (50, 32000, 30.0)
    assert text.diffusion is not None
    assert load(str(home / "text"), home).name == "musicgen-text"  # a folder of its own
    assert display_name("musicgen-mine") == "musicgen-mine"


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._marker,))


def copy_of(home: Path, folder: Path) -> Path:
    target = folder / "copied"
    target.mkdir()
    for file in (home / "text").iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target


@pytest.mark.parametrize("file", ["state_dict.bin", "compression_state_dict.bin"])
def test_code_in_a_checkpoint_is_refused_and_not_run(home: Path, tmp_path: Path, file: str) -> None:
    marker, folder = tmp_path / "it ran", copy_of(home, tmp_path)
    package = torch.load(folder / file, weights_only=True)
    torch.save({**package, "version": Hostile(marker)}, folder / file)

    with pytest.raises(EngineFailed) as refused:
        load(str(folder), home)
    assert refused.value.code == "music_weights_unsafe"
    assert not marker.exists()


def test_code_in_the_diffusion_checkpoint_is_refused_and_not_run(home: Path, tmp_path: Path) -> None:
    marker, file = tmp_path / "it ran", next((home / "hub").rglob("mbd_musicgen_32khz.th"))
    kept = file.read_bytes()
    torch.save({"sample_rate": 32000, "n_bands": Hostile(marker)}, file)
    try:
        with pytest.raises(EngineFailed) as refused:
            load("text", home, diffusion=True)
    finally:
        file.write_bytes(kept)
    assert refused.value.code == "music_weights_unsafe"
    assert not marker.exists()


def test_missing_and_broken_files_have_their_codes(home: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed) as missing:
        load("large", home)
    assert (missing.value.code, missing.value.facts) == ("music_weights_missing", {"model": "large"})

    folder = copy_of(home, tmp_path)
    whole = (folder / "state_dict.bin").read_bytes()
    (folder / "state_dict.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EngineFailed) as broken:
        load(str(folder), home)
    assert broken.value.code == "music_weights_broken"


def test_an_architecture_that_is_not_musicgens_is_refused(home: Path) -> None:
    foreign = load("text", home)
    foreign.lm.transformer.layers[0].norm_first = False

    with pytest.raises(EngineFailed) as refused:
        read_network(foreign.lm, precision="fp32")
    assert refused.value.code == "music_weights_unsupported"


def test_slots_follow_the_memory(text: Loaded) -> None:
    network = read_network(text.lm, precision="fp32")

    def plan(free: int, slots: int | None = None) -> memory_plan.MemoryPlan:
        return memory_plan.plan(network, frames=1500, prepended=0, precision="fp32", slots=slots, free=free)

    each = plan(1 << 40, 1).bytes
    assert each == 2 * 2 * 32 * (1504 + 256) * 2 * 4  # layers, rows, dim, positions and text, keys and values, bytes
    assert plan(1 << 40).slots == memory_plan.MOST_SLOTS["cpu"]
    assert plan(int(each * 2.5 / memory_plan.SHARE)).slots == 2
    for free, slots in ((each // 2, None), (each, 3)):
        with pytest.raises(EngineFailed) as refused:
            plan(free, slots)
        assert refused.value.code == "no_room_for_model"
    assert memory_plan.free_bytes(torch.device("cpu")) > 1 << 20


def test_importing_needs_no_music_package() -> None:
    """`choosing` is asked by processes that never load a model."""
    code = (
        "import sys; import pipeline.backends.musicgen.engine_choice; print({'torch', 'audiocraft'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "set()"
