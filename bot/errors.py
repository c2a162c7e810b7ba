"""How a command ends without a result.

UserError      the person can mend it: exit status 2
InternalError  we must: exit status 1
"""

from __future__ import annotations


class UserError(Exception):
    """Typed, given or set wrong. The sentence for `code` stands in handlers.texts."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class InternalError(Exception):
    """Ours to mend."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts
