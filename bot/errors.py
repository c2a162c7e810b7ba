"""How a command ends without a result.

UserError      the person can correct it: exit status 2
InternalError  a fault of ours or of the machine: exit status 1
"""

from __future__ import annotations


class UserError(Exception):
    """A wrong argument, file or setting. The sentence for `code` stands in handlers.texts."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class InternalError(Exception):
    """A fault that the person cannot correct by other arguments."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts
