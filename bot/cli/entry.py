"""From arguments to an exit status: parse, run the command, put errors into words or JSON."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from bot import logs
from bot.cli.parser import make_parser
from bot.errors import Broken, Misuse
from bot.settings import Settings, lend_aws_settings
from handlers.errors import Refused
from handlers.texts import terminal_sentence
from pipeline.errors import BadInput, PipelineError
from storage.errors import DatabaseAway, DatabaseRefused, StorageError

log = logging.getLogger(__name__)

OK, OURS, THEIRS, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit status."""
    as_json = "--json" in arguments
    try:
        options = make_parser().parse_args(arguments)
        logs.set_up(verbose=options.verbose)
        return asyncio.run(_run(options))
    except (Misuse, Refused, BadInput) as error:
        return _say(error.code, error.facts, THEIRS, as_json=as_json)
    except ValidationError as error:
        return _say("bad_settings", {"problems": _problems(error)}, THEIRS, as_json=as_json)
    except (Broken, PipelineError) as error:
        return _say(error.code, error.facts, OURS, as_json=as_json)
    except DatabaseAway:
        return _say("database_away", {}, OURS, as_json=as_json)
    except DatabaseRefused as error:
        return _say("database_refused", {"problem": str(error)}, THEIRS, as_json=as_json)
    except StorageError as error:
        log.error("storage failed", exc_info=error)
        return _say("storage_failed", {"problem": str(error)}, OURS, as_json=as_json)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # the one place where a bug becomes a sentence
        log.exception("the command broke")
        return _say("broken", {}, OURS, as_json=as_json)


async def _run(options: argparse.Namespace) -> int:
    command = importlib.import_module(options.module)
    lend_aws_settings()
    status: int = await command.main(options, Settings.read())
    return status


def _say(code: str, facts: dict[str, str | float], status: int, *, as_json: bool) -> int:
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
