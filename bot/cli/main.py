"""From arguments to an exit status: parse, run the command, put errors into words or JSON."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import signal
import sys
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from redis.exceptions import RedisError

from bot import logs
from bot.cli.optional_libraries import missing_library
from bot.cli.parser import make_parser
from bot.engines import check_engine
from bot.errors import InternalError, UserError
from bot.settings import Settings, lend_aws_settings
from handlers.errors import Refused
from handlers.texts import terminal_sentence
from pipeline.errors import BadInput, PipelineError
from storage.errors import DatabaseAway, DatabaseRefused, StorageError

log = logging.getLogger(__name__)

OK, OURS, THEIRS, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit status."""
    try:
        options = make_parser().parse_args(arguments)
        logs.set_up(verbose=options.verbose)
        return asyncio.run(_run(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the one place where a bug becomes a sentence)
        code, facts, status = _explained(error)
    return _say(code, facts, status, as_json="--json" in arguments)


def _explained(error: Exception) -> tuple[str, Mapping[str, str | float], int]:
    """Find the sentence's code, its facts and the exit status; unexpected errors are logged here."""
    match missing_library(error) or error:
        case UserError() | Refused() | BadInput() as known:
            return known.code, known.facts, THEIRS
        case ValidationError() as wrong:
            return "bad_settings", {"problems": _problems(wrong)}, THEIRS
        case InternalError() | PipelineError() as known:
            return known.code, known.facts, OURS
        case RedisError():
            return "redis_away", {}, OURS
        case DatabaseAway():
            return "database_away", {}, OURS
        case DatabaseRefused():
            return "database_refused", {"problem": str(error)}, THEIRS
        case StorageError():
            log.error("storage failed", exc_info=error)
            return "storage_failed", {"problem": str(error)}, OURS
    log.error("the command broke", exc_info=error)
    return "broken", {}, OURS


async def _run(options: argparse.Namespace) -> int:
    _end_in_order()
    command = importlib.import_module(options.module)
    lend_aws_settings()
    settings = Settings.read()
    check_engine(settings)
    status: int = await command.main(options, settings)
    return status


def _end_in_order() -> None:
    """Treat SIGTERM and a closed terminal as Ctrl-C; where nohup ignores SIGHUP, it stays ignored."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _say(code: str, facts: Mapping[str, str | float], status: int, *, as_json: bool) -> int:
    message = logs.redact(terminal_sentence("en", code, **facts))
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))  # noqa: T201
    else:
        print(message, file=sys.stderr)  # noqa: T201
    return status


def _problems(error: ValidationError) -> str:
    """List what is wrong with the settings, without the values: they may be secrets."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )
