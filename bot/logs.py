"""Logging for every process: one line an event on stderr, without secrets and without account ids."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

FORMAT = "%(asctime)s %(levelname).1s %(process)d %(name)s: %(message)s"

# Tokens as Discord, Telegram and OpenAI write them, passwords in URLs, and long account ids.
SECRETS = (
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s]*(?=@)"),
    re.compile(r"(?<=password=)[^&\s]+", re.IGNORECASE),
    re.compile(r"(?<!\d)\d{6,12}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE),
    re.compile(r"\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}\b"),
    re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"),
    re.compile(r"\b\d{15,20}\b"),
)


class Redacting(logging.Formatter):
    """Formats a record, traceback included, and blanks whatever looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    """Replace tokens, passwords and account ids by •••."""
    for pattern in SECRETS:
        text = pattern.sub("•••", text)
    return text


def set_up(*, verbose: bool) -> None:
    """Send this process's log to stderr; called once, by the command line."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(FORMAT))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler], force=True)
    quiet(("alembic", "arq.jobs", "httpx", "httpx2"))


def quiet(names: Iterable[str]) -> None:
    """Silence libraries that log at INFO what nobody needs."""
    for name in names:
        logging.getLogger(name).setLevel(logging.WARNING)
