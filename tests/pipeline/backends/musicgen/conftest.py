"""One home of tiny checkpoints for all tests of a run; one thread, since spinning threads cost 50 times as much."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipeline.backends.musicgen.loading import Loaded

INSTALLED = all(importlib.util.find_spec(name) for name in ("torch", "audiocraft"))
collect_ignore_glob = [] if INSTALLED else ["test_*.py"]  # the `music` extra is needed


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave the folder out of `make test-fast`, where the files alone would load torch."""
    return True if config.getoption("--fast") else None


def pytest_report_header() -> str:
    return "" if INSTALLED else "musicgen: not collected, the music extra is not installed"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights home with the models "text", "stereo" and "tune" (melody)."""
    import torch

    from tests.pipeline.backends.musicgen import tiny

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("weights")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch and audiocraft about each other's old names
        tiny.make_home(folder)
        tiny.make_model(folder, "text")
        tiny.make_model(folder, "stereo", stereo=True)
        tiny.make_model(folder, "tune", melody=True)
    return folder


@pytest.fixture(scope="session")
def text(home: Path) -> Loaded:
    from pipeline.backends.musicgen.loading import load

    return load("text", home, diffusion=True)
