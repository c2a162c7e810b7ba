"""A music worker composes as many songs at once as it has slots, however few cores the machine has."""

from __future__ import annotations

import asyncio
import threading

from bot.workers.processes import SPARE_THREADS, lend_threads

SLOTS = 40  # more than asyncio's own pool ever has


async def test_each_slot_has_a_thread_and_files_need_not_wait() -> None:
    lend_threads(SLOTS)
    together = threading.Barrier(SLOTS + SPARE_THREADS, timeout=60)
    await asyncio.gather(*(asyncio.to_thread(together.wait) for _ in range(SLOTS + SPARE_THREADS)))
