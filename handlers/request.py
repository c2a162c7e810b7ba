"""A command or button press, with everything that answering it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Origin, Sender


@dataclass(frozen=True, slots=True)
class Request:
    """One person's command. locale is the language they are spoken to in."""

    arguments: Mapping[str, str]
    sender: Sender
    origin: Origin
    locale: str
    deps: Deps

    @property
    def action(self) -> str:
        return self.arguments.get("action", "")

    def text(self, name: str) -> str:
        """Give an argument without the blanks around it; empty when it was not given."""
        return self.arguments.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """Give a whole number, None when none was given. Raises Refused("bad_number")."""
        typed = self.text(name).lstrip("#")
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
            raise Refused("bad_number", typed=typed[:20])
        return int(typed)
