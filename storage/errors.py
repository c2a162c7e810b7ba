"""Every way in which storage can fail.

    StorageError
      + DatabaseAway         no connection, or it was lost or went silent mid-way
      + DatabaseRefused      a wrong user, password or database name: its operator must mend the URL
      + Conflict             another writer held the rows: run the whole unit of work again
      + MediaError
          + MediaMissing     no such file
          + MediaUnavailable the folder or bucket does not answer, is full, or refuses us
          + BadPath          not a path of ours: absolute, traversal, odd characters, a link that leads out

Handlers catch these and nothing of SQLAlchemy's or fsspec's. The messages are for logs, not for people.
"""

from __future__ import annotations


class StorageError(Exception):
    """Storage failed."""


class DatabaseAway(StorageError):
    """The database cannot be reached or stopped answering. Worth another try in seconds, not at once.

    When `UnitOfWork.commit` raises it, nobody knows whether the commit was applied; compare-and-set updates make it
    safe to run the unit again.
    """


class DatabaseRefused(StorageError):
    """The database answered that it does not let us in. Trying again ends the same way."""


class Conflict(StorageError):
    """A deadlock, or a lock not freed in time. Everything was rolled back: run the unit of work again."""


class MediaError(StorageError):
    """A file could not be kept or found."""


class MediaMissing(MediaError):
    """There is no such file."""


class MediaUnavailable(MediaError):
    """The store of files does not answer in time, is full, or refuses us."""


class BadPath(MediaError, ValueError):
    """The relative path is not one that we make; nothing was touched."""
