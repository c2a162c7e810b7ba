"""The tables as mapped classes, for repositories and migrations alone; rows leave as frozen dataclasses.

Importing this package imports all of them, so that `columns.Base.metadata`, which migrations are compared with, is
complete. Open `songs.py` first: `generations` is the song.
"""

from storage.tables import columns, incoming, keys, messages, people, songs

__all__ = ["columns", "incoming", "keys", "messages", "people", "songs"]
