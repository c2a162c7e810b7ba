"""No log line carries a secret."""

from __future__ import annotations

import logging

import pytest

from bot.logs import FORMAT, Redacting, redact

# Made up in the form that each service uses, in parts so that no scanner takes them for real.
DISCORD = ".".join(["MTAwMDAwMDAwMDAwMDAwMDAw", "GAbCdE", "x" * 38])
TELEGRAM = ":".join(["123456789", "A" * 35])
OPENAI = "sk-" + "proj-" + "b" * 40


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mysql+aiomysql://ann:hunter2@db/songs", "hunter2"),
        ("mysql+aiomysql://ann:hun@ter2@db/songs", "ter2"),
        ("redis://:hunter2@localhost:6379/0", "hunter2"),
        ("unix:///run/redis.sock?password=hunter2&db=1", "hunter2"),
        (f"GET /bot{TELEGRAM}/sendAudio", TELEGRAM),
        (f"https://api.telegram.org/file/bot{TELEGRAM}/photos/file_1.jpg", TELEGRAM),
        (f"/bot{TELEGRAM.replace(':', '%3A')}/getMe", "A" * 35),
        (f"The token `{TELEGRAM}` was rejected by the server.", TELEGRAM),
        (f"token {DISCORD} refused", DISCORD),
        (f"Incorrect API key provided: {OPENAI}", OPENAI),
        ("user 123456789012345678 pressed", "123456789012345678"),
    ],
)
def test_secrets_are_blanked(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert "•••" in redact(text)


def test_what_is_no_secret_stays() -> None:
    for text in ("song 12: handed back", "sqlite+aiosqlite:///var/selfietune.db", "redis://localhost:6379/0"):
        assert redact(text) == text


def test_tracebacks_are_blanked_too() -> None:
    try:
        int(f"bad key {OPENAI}")
    except ValueError as error:
        details = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "at %s", ("redis://:pw@host",), details)
    line = Redacting(FORMAT).format(record)
    assert OPENAI not in line
    assert ":pw@" not in line
    assert "ValueError" in line
