"""Five hundred people post a selfie on Telegram at the same moment: how soon does each see that it was taken?

Part of `make bench`; `python -m bench.telegram_load` is this alone.

Against the tests' own Bot API server in the same process, so the figures hold both sides' work. Songs are not rendered.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bench.measure import Row, percentile
from bot.cli.embedded_redis import embedded_redis
from bot.settings import Settings
from bot.telegram.service import serve_telegram
from bot.wiring import open_process
from handlers.events import Sender
from handlers.intake.consent import accept
from storage.migrate import upgrade
from tests.telegram_server import Person, TelegramServer
from tests.telegram_server import serve_telegram as local_telegram

PEOPLE = 500
PATIENCE_S = 300.0


async def measure(photo: Path, folder: Path, *, people: int = PEOPLE) -> list[Row]:
    """Post at once and wait for every card; the overall limit of 30 messages a second is the library's to keep."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    picture = await asyncio.to_thread(photo.read_bytes)
    database = f"sqlite+aiosqlite:///{folder / 'telegram.db'}"
    await upgrade(database)
    async with local_telegram() as server, embedded_redis() as redis_url:
        values = {"data_dir": folder, "database_url": database}
        settings = Settings.model_validate({**values, "telegram_token": server.token, "telegram_api_url": server.url})
        async with open_process(settings, redis_url) as process:
            crowd = [server.person(f"P{number}") for number in range(people)]
            for person in crowd:
                await accept(Sender("telegram", str(person.user.id), person.user.first_name), deps=process.deps)
            serving = asyncio.create_task(serve_telegram(settings, process))
            try:
                return await _post(crowd, picture, server)
            finally:
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving


async def _post(crowd: list[Person], picture: bytes, server: TelegramServer) -> list[Row]:
    await server.until(lambda: server.sent("getUpdates"), within_s=PATIENCE_S)
    file = server.world.files.keep_photo(picture)
    started = time.perf_counter()
    for person in crowd:
        message = server.world.say(person.chat, person.user, {"photo": file})
        server.world.tell_bot(message)
    waits = await _cards(crowd, started)
    note = f"{len(crowd)} selfies at once; 25 messages a second may leave us"
    return [
        Row("Telegram: card, median", percentile(waits, 0.5), "s", note=note),
        Row("Telegram: card, 99th percentile", percentile(waits, 0.99), "s"),
        Row("Telegram: selfies taken a second", len(crowd) / max(waits), "1/s"),
        Row("Telegram: selfies without a card", sum(not person.chat.from_bot() for person in crowd), "", goal=0),
    ]


async def _cards(crowd: list[Person], started: float) -> list[float]:
    """Give when each person's card came, in seconds; one watcher for all, to leave the processor to the bot."""
    waits: dict[int, float] = {}
    async with asyncio.timeout(PATIENCE_S):
        while len(waits) < len(crowd):
            await asyncio.sleep(0.05)
            now = time.perf_counter() - started
            waits |= {each.chat.id: now for each in crowd if each.chat.id not in waits and each.chat.from_bot()}
    return list(waits.values())


def main(photo: Path = Path("samples/eileen_collins.jpg")) -> None:
    """Measure alone, and print."""
    with tempfile.TemporaryDirectory(prefix="selfietune-bench-") as folder:
        rows = asyncio.run(measure(photo, Path(folder)))
    for row in rows:
        sys.stdout.write(f"{row.name}: {row.value:.2f} {row.unit}  {row.note}\n")


if __name__ == "__main__":
    main()
