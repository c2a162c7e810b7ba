"""Libraries that a command asks for and this machine lacks: each process installs only its own."""

from __future__ import annotations

from bot.errors import UserError

OURSELVES = frozenset({"bot", "handlers", "pipeline", "storage", "migrations"})
# What `make demo` does not bring, by the name that is imported; the target is called like the extra in pyproject.toml.
TARGETS = {
    "discord": "chat",
    "aiohttp": "chat",
    "telegram": "chat",
    "httpx": "chat",
    "s3fs": "s3",
    "torch": "music",
    "audiocraft": "music",
}


def missing_library(error: BaseException | None) -> UserError | None:
    """Say which target of `make` brings the library whose absence is the error, or its cause; None if none is."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and (module := (error.name or "").partition(".")[0]):
            target = TARGETS.get(module, "demo")
            return None if module in OURSELVES else UserError("library_missing", library=module, target=target)
        error = error.__cause__
    return None
