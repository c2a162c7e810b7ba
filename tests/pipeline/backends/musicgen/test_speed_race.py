"""The decoders' bench runs to its end and says what it is asked, in seconds on a tiny model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import torch

from bench.musicgen import main
from bench.musicgen_goals import Outcome, Row, outcomes
from bench.musicgen_products import passes
from pipeline.backends.musicgen.linears import prepare

ASKED = ["--sizes", "tiny", "--songs", "1", "4", "--past", "20", "40", "--rounds", "2", "--song-s", "6"]


def test_everyone_races_and_the_goals_are_judged(tmp_path: Path) -> None:
    main(["--device", "cpu", *ASKED, "--json", str(tmp_path / "bench.json")])
    found = json.loads((tmp_path / "bench.json").read_text())

    names = ["audiocraft", "transformers", *(f"ours {p}" for p in ("fp32", "fp32", "bf16", "bf16", "int8", "int8"))]
    assert [row["name"] for row in found["rows"]] == 2 * names
    assert {(row["songs"], row["past"]) for row in found["rows"][2:]} >= {(1, 20), (4, 20), (1, 40), (4, 40)}
    assert all(row["ms_per_step"] > 0 and row["rounds"] == 2 for row in found["rows"])
    assert all(row["share_of_bandwidth"] > 0 for row in found["rows"])
    assert found["rows"][0]["times_audiocraft_each"] == 1.0
    assert len(found["goals"]) == 2 * (3 + 3 + 1)
    products = ["ours", "torch int8pack"]
    assert [(row["name"], row["rows"]) for row in found["products"]] == [(n, rows) for rows in (2, 8) for n in products]
    assert all(row["ms"] > 0 and row["rounds"] == 2 for row in found["products"])
    assert found["songs"][0]["sound"]
    assert found["songs"][0]["end_to_end_s"] > found["songs"][0]["words_s"] > 0
    assert found["peak_memory_gb"] > 0


LEAN = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"audiocraft", "transformers", "httpx", "pydantic", "sqlalchemy", "arq", "julius"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
from bench.musicgen import main
main(sys.argv[1:])
"""


def test_alone_it_needs_nothing_but_torch_and_numba() -> None:
    asked = ["--device", "cpu", "--alone", *ASKED]
    done = subprocess.run([sys.executable, "-c", LEAN, *asked], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "6 s of tiny, int8, end to end" in done.stdout


def test_products_that_race_are_the_same() -> None:
    pairs = [(prepare(torch.randn(outs, 64), precision="int8"), torch.randn(8, 64)) for outs in (64, 192)]
    ours, theirs = (take() for take in passes(pairs).values())
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine - other.float()).norm() / mine.norm() < 1e-2


def test_goals_know_when_they_are_missed() -> None:
    row: Row = {"size": "small", "name": "ours bf16", "past": 250, "songs": 1, "ms_per_step": 0.7}
    sixteen: Row = {**row, "songs": 16, "ms_per_step": 1.3}
    assert [(o.value, o.reached) for o in outcomes([row, sixteen], device="cuda")] == [(0.7, False), (1.3 / 0.7, True)]
    on_cpu: Row = {**row, "times_audiocraft_each": 9.5, "share_of_bandwidth": 0.59}
    assert [(o.goal, o.reached) for o in outcomes([on_cpu], device="cpu")] == [(9.0, True), (0.6, False)]
    assert str(Outcome("a step", 0.7, 0.6, at_least=False)) == "✗ a step: 0.70 (goal ≤ 0.6)"
