"""`make bench`: every figure in one run, as a table and in bench.json."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench import chat_memory, discord_load, mood, song, sound, telegram_load, writing
from bench.measure import Row
from bench.sketch_accuracy import accuracy_rows
from pipeline.backends.deepface.weights import build_weights

PHOTO = Path("samples/eileen_collins.jpg")
OUTPUT = Path("bench.json")
MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}


def main() -> None:
    rows = asyncio.run(_measure())
    Console().print(_table(rows))
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    shown = [{**asdict(row), "reached": row.reached} for row in rows]
    OUTPUT.write_text(json.dumps({"machine": machine, "rows": shown}, indent=1, ensure_ascii=False))


async def _measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="selfietune-bench-") as name:
        folder = Path(name)
        home = folder / "deepface"
        build_weights(home)
        rows: list[Row] = []
        for title, measured in (
            ("mood", mood.measure(PHOTO, home)),
            ("writing", writing.measure(folder)),
            ("song", song.measure(PHOTO, folder / "var", home)),
            ("chat process", chat_memory.measure(PHOTO, folder / "chat")),
            ("Discord", discord_load.measure(PHOTO, folder / "discord", home)),
            ("Telegram", telegram_load.measure(PHOTO, folder / "telegram")),
        ):
            print(f"measuring: {title} …", file=sys.stderr)  # noqa: T201
            rows += await measured
        print("measuring: sound …", file=sys.stderr)  # noqa: T201
        return [*rows, *sound.measure(), *accuracy_rows()]


def _table(rows: list[Row]) -> Table:
    table = Table("figure", "value", "", "goal", "", "", box=box.SIMPLE)
    for row in rows:
        goal = "" if row.goal is None else f"{'≥' if row.at_least else '≤'} {row.goal:g}"
        table.add_row(row.name, f"{row.value:.2f}", row.unit, goal, MARKS[row.reached], row.note)
    return table


if __name__ == "__main__":
    main()
