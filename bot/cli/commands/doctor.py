"""`selfietune doctor`: check everything that a song needs and say what to do about what is missing."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from arq.connections import ArqRedis
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.embedded_redis import redis_executable
from bot.cli.optional_libraries import TARGETS
from bot.engines import MUSICGEN, chosen_engine, engine_named
from bot.job_queue import open_pool, worker_alive
from bot.logs import redact
from bot.settings import Settings
from handlers.texts import terminal_sentence
from pipeline.backends.deepface.weights import DetectorChoice, FileState, check_weights
from pipeline.backends.musicgen.engine_choice import missing_files
from pipeline.backends.musicgen.weights import damaged, was_fetched
from storage.errors import StorageError
from storage.media import Media
from storage.migrate import current, head

TIMEOUT_S = 10.0
PROBE = "doctor/probe.txt"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. With a `fatal` one no song can be made."""

    name: str
    fine: bool
    says: str
    do: str = ""
    fatal: bool = True


async def main(options: argparse.Namespace, settings: Settings) -> int:
    findings = [finding async for finding in look(settings)]
    if options.json:
        print(json.dumps({"checks": [asdict(finding) for finding in findings]}, ensure_ascii=False))  # noqa: T201
    else:
        Console(highlight=False).print(_table(findings))
    return 2 if any(finding.fatal and not finding.fine for finding in findings) else 0


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Run the checks one after the other; no finding holds a secret."""
    for finding in _settings(settings):
        yield finding
    yield await _database(settings)
    async for finding in _redis(settings):
        yield finding
    yield await _media(settings)
    for finding in _weights(settings):
        yield finding
    yield await asyncio.to_thread(_engine, settings)
    for finding in await asyncio.to_thread(_music_weights, settings):
        yield finding
    yield await _ffmpeg()


def _settings(settings: Settings) -> list[Finding]:
    return [
        _platforms(settings),
        Finding(
            "llm",
            settings.openai_api_key is not None,
            settings.openai_model if settings.openai_api_key else _say("no_llm"),
            _say("do_llm"),
            fatal=False,
        ),
    ]


def _platforms(settings: Settings) -> Finding:
    tokens = {"discord": settings.discord_token, "telegram": settings.telegram_token}
    served = [library for library, token in tokens.items() if token]
    names = ", ".join(f"{library.upper()}_TOKEN" for library in served)
    for library in served:
        if find_spec(library) is None:
            says = _say("no_library", names=names, library=library)
            return Finding("chat", False, says, _say("do_library", target=TARGETS[library]))
    return Finding("chat", bool(names), names or _say("no_token"), _say("do_token"), fatal=False)


async def _database(settings: Settings) -> Finding:
    where = redact(settings.database)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            revision = await current(settings.database)
    except (StorageError, OSError, TimeoutError) as error:
        return Finding("database", False, redact(f"{where}: {error}"), _say("do_database"))
    if settings.database_url is None and revision is None:
        return Finding("database", True, _say("database_fresh"))
    fine = revision == head()
    return Finding("database", fine, f"{where}, {revision or _say('database_empty')}", _say("do_upgrade"))


async def _redis(settings: Settings) -> AsyncIterator[Finding]:
    if settings.redis is None:
        try:
            yield Finding("redis", redis_executable().exists(), _say("redis_embedded"), _say("do_redis"))
        except FileNotFoundError:
            yield Finding("redis", False, _say("redis_missing"), _say("do_redis"))
        return
    try:
        async with asyncio.timeout(TIMEOUT_S), open_pool(settings.redis) as pool:
            yield Finding("redis", True, redact(settings.redis))
            yield await _workers(pool)
    except (RedisError, OSError, TimeoutError) as error:
        yield Finding("redis", False, redact(f"{settings.redis}: {error}"), _say("do_redis"))


async def _workers(pool: ArqRedis) -> Finding:
    missing = [stage for stage in ("draft", "music") if not await worker_alive(pool, stage, "")]
    return Finding("workers", not missing, ", ".join(missing), _say("do_workers"), fatal=False)


async def _media(settings: Settings) -> Finding:
    try:
        media = Media(settings.media)
        async with asyncio.timeout(TIMEOUT_S):
            await media.put(PROBE, b"ok")
            await media.remove(PROBE)
    except (StorageError, TimeoutError) as error:
        return Finding("media", False, redact(f"{settings.media}: {error}"), _say("do_media"))
    return Finding("media", True, redact(settings.media))


def _weights(settings: Settings) -> list[Finding]:
    state = check_weights(settings.weights_home)
    return [
        Finding("mood weights", state.emotion == "ready", f"sha256 {state.emotion}", _say("do_weights")),
        _detector(settings.face_detector, state.yunet),
    ]


def _detector(choice: DetectorChoice, yunet: FileState) -> Finding:
    if choice == "opencv":
        return Finding("face detector", True, choice)
    asked = choice == "yunet"
    return Finding(
        "face detector",
        yunet == "ready",
        f"yunet {yunet}",
        _say("do_yunet_asked" if asked else "do_yunet"),
        fatal=asked,
    )


def _engine(settings: Settings) -> Finding:
    """Say which engine makes the songs and why; one that cannot be opened is an error only where it was asked for."""
    chosen, model = chosen_engine(settings), settings.musicgen_model
    engine = engine_named(chosen.engine)
    missing = engine.lacks(settings)
    if missing is not None:
        do = _say(engine.remedy, model=model) if engine.remedy else ""
        return Finding("music engine", False, _say("engine_lacks", engine=engine.name, missing=missing), do)
    says = _say(f"engine_{chosen.reason}", **{"engine": chosen.engine, "model": model, **dict(chosen.facts)})
    fine = chosen.reason in ("asked", "gpu", "fast_cpu")
    known = chosen.reason in ("no_package", "no_weights", "speed_unknown")
    do = _say(f"do_engine_{chosen.reason}" if known else "do_engine", model=model)
    return Finding("music engine", fine, says, do, fatal=False)


def _music_weights(settings: Settings) -> list[Finding]:
    """Compare fetched weights with their published hashes; no finding where none were fetched."""
    model, home = settings.musicgen_model, settings.musicgen_weights
    if not was_fetched(model, home):
        return []
    wrong = sorted({*missing_files(model, home), *damaged(model, home)})
    says = _say("music_weights_wrong", files=", ".join(wrong)) if wrong else _say("music_weights_right", model=model)
    fatal = settings.music_engine == MUSICGEN
    return [Finding("music weights", not wrong, says, _say("do_music_weights", model=model), fatal=fatal)]


async def _ffmpeg() -> Finding:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # a chat process alone has none

        binary = Path(await asyncio.to_thread(get_ffmpeg_exe))
    except (ImportError, RuntimeError):
        return Finding("ffmpeg", False, _say("ffmpeg_missing"), _say("do_ffmpeg"))
    return Finding("ffmpeg", True, binary.name, _say("do_ffmpeg"))


def _say(code: str, **facts: str | float) -> str:
    return terminal_sentence("en", f"doctor_{code}", **facts)


def _table(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark = "[green]✓[/]" if finding.fine else ("[red]✗[/]" if finding.fatal else "[yellow]○[/]")
        table.add_row(mark, finding.name, escape(finding.says))
        if not finding.fine and finding.do:
            table.add_row("", "", f"[dim]→ {escape(finding.do)}[/]")
    return table
