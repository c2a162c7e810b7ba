"""Every way the memory can fail us; handlers catch these and nothing of SQLAlchemy's or fsspec's.

StorageError
  + DatabaseAway         no connection, or it was lost or went silent mid-way; nothing was committed
  + Conflict             another writer was in the way; nothing was committed, try the whole unit of work again
  + MediaError
      + MediaMissing     no such file
      + MediaUnavailable the folder or bucket does not answer, is full, or refuses us
      + BadPath          a path that is not one of ours (absolute, traversal, odd characters, a link that leads out)
"""

from __future__ import annotations


class StorageError(Exception):
    """The memory failed; the message is for logs, not for people."""


class DatabaseAway(StorageError):
    """The database cannot be reached or stopped answering. Worth another try in seconds, not at once.

    When it is raised by `UnitOfWork.commit` the last word may or may not have been heard: compare-and-set updates
    make it safe to do the unit again.
    """


class Conflict(StorageError):
    """A deadlock or a lock that was not freed in time. Everything was rolled back: try the unit of work again."""


class MediaError(StorageError):
    """A file could not be kept or found."""


class MediaMissing(MediaError):
    """There is no such file."""


class MediaUnavailable(MediaError):
    """The store of files does not answer in time, is full, or refuses us."""


class BadPath(MediaError, ValueError):
    """The relative path is not one that we make; nothing was touched."""
