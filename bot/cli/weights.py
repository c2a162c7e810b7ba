"""`selfietune weights build|fetch`: put model files in their place, so that no photo ever waits for a download."""

from __future__ import annotations

import argparse
import asyncio

from bot.cli.errors import Misuse
from bot.settings import Settings
from pipeline.backends.deepface_weights import build_weights, fetch_yunet


async def main(options: argparse.Namespace, settings: Settings) -> int:
    if options.action == "build":
        written = await asyncio.to_thread(build_weights, settings.weights_home)
    elif options.name == "yunet":
        written = await asyncio.to_thread(fetch_yunet, settings.weights_home)
    else:
        raise Misuse("which_weights", known="yunet")
    print(written)  # noqa: T201
    return 0
