"""Every way a stage can end without a result.

    PipelineError                 a code and facts; `handlers.texts` holds the sentence for each code
      + BadInput                  the sender can mend it: another picture, another length
      + EngineFailed              we can mend it: a crash, a time-out, a missing file; worth another try
    Cancelled                     the listener no longer wants the song; not a failure

A code is a stable word ("no_face") that also stands in the database and in --json output.
"""

from __future__ import annotations


class PipelineError(Exception):
    """A stage ended with a known cause. `facts` fill the sentence's blanks (numbers and short words only)."""

    def __init__(self, code: str, **facts: str | int | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class BadInput(PipelineError):
    """The sender's file or request cannot be used; trying the same again would end the same way."""


class EngineFailed(PipelineError):
    """An engine or the machine failed; the same input may work next time."""


class Cancelled(Exception):
    """Raised inside a stage when its `cancelled` check says yes."""
