"""`selfietune weights build|fetch`: put model files in their place, so that no photo ever waits for a download."""

from __future__ import annotations

import argparse
import asyncio
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bot.errors import UserError
from bot.settings import Settings
from handlers.texts import terminal_sentence
from pipeline.backends.deepface.weights import build_weights, fetch_yunet
from pipeline.backends.musicgen.engine_choice import has_package, missing_files, write_speed
from pipeline.backends.musicgen.weights import LICENCE, MODELS


async def main(options: argparse.Namespace, settings: Settings) -> int:
    if options.action == "build":
        written = await asyncio.to_thread(build_weights, settings.weights_home)
    elif options.name == "yunet":
        written = await asyncio.to_thread(fetch_yunet, settings.weights_home)
    elif options.name in MODELS:
        written = await asyncio.to_thread(_fetch_musicgen, options.name, settings)
    elif options.name and not missing_files(options.name, settings.musicgen_weights):  # a folder of one's own
        written = await asyncio.to_thread(_measure, options.name, settings)
    else:
        raise UserError("which_weights", known=", ".join(("yunet", *MODELS)))
    print(written)  # noqa: T201
    return 0


def _fetch_musicgen(model: str, settings: Settings) -> Path:
    """Download what is missing, say under which licence, and measure it."""
    if find_spec("httpx") is None:  # comes with the music extra
        raise UserError("music_extra_missing")
    from pipeline.backends.musicgen.fetching import HUB, fetch

    home, console = settings.musicgen_weights, Console(stderr=True, highlight=False)
    with _Downloads(console) as downloads:
        folder = fetch(model, home, on_progress=downloads.show, hub=settings.musicgen_hub or HUB)
    console.print(terminal_sentence("en", "music_weights_licence", model=model, licence=LICENCE), markup=False)
    if not has_package():
        console.print(terminal_sentence("en", "music_extra_missing"), markup=False)
        return folder
    _measure(model, settings)
    return folder


def _measure(model: str, settings: Settings) -> Path:
    """Measure how fast this machine runs a model, and keep the result for `auto`."""
    if not has_package():
        raise UserError("music_extra_missing")
    from pipeline.backends.musicgen.speed import measure_model

    precision = None if settings.musicgen_precision == "auto" else settings.musicgen_precision
    home, folder = settings.musicgen_weights, Path(model)
    ratio = measure_model(model, home, precision=precision)
    write_speed(model, home, ratio)
    said = terminal_sentence("en", "music_speed", model=folder.name, ratio=f"{ratio:.2f}")
    Console(stderr=True, highlight=False).print(said, markup=False)
    return folder


class _Downloads(Progress):
    """A bar for each file; a file's name appears with its first bytes."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        super().__init__(*columns, console=console)
        self._files: dict[str, TaskID] = {}

    def show(self, file: str, here: int, size: int) -> None:
        if file not in self._files:
            self._files[file] = self.add_task(file, total=size)
        self.update(self._files[file], completed=here)
