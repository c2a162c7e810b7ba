"""Export everything that is kept about a person as a zip: data.json, songs and hummed melodies.

Where it is larger than a file in the chat may be, it is several zips, the first with data.json.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from handlers.deps import Deps
from handlers.events import Sender
from storage.errors import MediaError
from storage.unit_of_work import UnitOfWork

MOST_SONGS = 100_000
ENTRY = 256  # bytes, more than a zip spends on a file besides its content


async def export(sender: Sender, *, deps: Deps, most_bytes: int | None = None) -> list[bytes]:
    """Pack the person's rows and songs into zips of at most `most_bytes` each; none when nothing is known."""
    data = await deps.read(lambda unit: _gather(sender, unit=unit))
    if data is None:
        return []
    files: dict[str, bytes] = {}
    for song in data["songs"]:
        if song["audio_path"]:
            try:
                files[f"songs/{song['id']}.mp3"] = await deps.media.get(song["audio_path"])
            except MediaError:  # a file that is gone must not hold the rest back
                continue
    for file in data["files"]:
        if file["type"] == "melody":
            try:
                files[f"melodies/{file['id']}"] = await deps.media.get(file["path"])
            except MediaError:
                continue
    return await asyncio.to_thread(_pack, data, files, most_bytes)


async def _gather(sender: Sender, *, unit: UnitOfWork) -> dict[str, Any] | None:
    user = await unit.users.find(sender.platform, sender.account_id)
    if user is None:
        return None
    songs = []
    for listed in await unit.song_queries.history(user.id, limit=MOST_SONGS):
        song = await unit.songs.get(listed.id)
        if song is None:
            continue
        moods = await unit.emotions.for_session(song.session_id)
        events = await unit.event_log.for_session(song.session_id)
        own = {"vote": listed.vote, "score": listed.score, "comment": listed.comment}
        row = asdict(song)
        row["reply_to"] = {key: value for key, value in (song.reply_to or {}).items() if key != "token"}
        songs.append({**row, "yours": own, "moods": [*map(asdict, moods)], "events": [*map(asdict, events)]})
    return {
        "person": asdict(user),
        "accounts": [asdict(account) for account in await unit.users.accounts(user.id)],
        "profile": asdict(await unit.users.profile(user.id)),
        "preferences": asdict(await unit.preferences.get(user.id)),
        "votes": [asdict(vote) for vote in await unit.votes.given_by(user.id)],
        "files": [asdict(file) for file in await unit.assets.of_user(user.id)],
        "songs": songs,
    }


def _pack(data: Mapping[str, Any], files: Mapping[str, bytes], most_bytes: int | None) -> list[bytes]:
    packed = [io.BytesIO()]
    archive = zipfile.ZipFile(packed[0], "w", zipfile.ZIP_DEFLATED)
    archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, default=_json_value))
    for name, content in files.items():
        spent = packed[-1].tell() + ENTRY * (len(archive.namelist()) + 2)
        if most_bytes is not None and spent + len(content) > most_bytes:
            archive.close()
            packed.append(io.BytesIO())
            archive = zipfile.ZipFile(packed[-1], "w", zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(name), content)  # mp3s are compressed already
    archive.close()
    return [part.getvalue() for part in packed]


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
