"""The errors of handlers: their message is the sentence that the person reads.

    Refused                what the person asked can't be done; `code` and `facts` make the sentence
      + UnknownSong        no such song, or it is not for this person to see
      + UnknownListener    nobody by that name

Errors of the stages (`pipeline.errors`) have codes and facts too; `handlers.texts` knows both kinds.
"""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be fulfilled, for a reason that the person can understand."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class UnknownSong(Refused):
    def __init__(self, song_id: int) -> None:
        super().__init__("unknown_song", id=song_id)


class UnknownListener(Refused):
    def __init__(self, name: str) -> None:
        super().__init__("unknown_listener", name=name[:40])
