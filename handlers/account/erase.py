"""Erase a person: rows, files, queued work, and what a worker still wrote meanwhile."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from handlers.deps import Deps
from handlers.events import Sender
from handlers.intake.pending_selfie import remove_pending_selfie
from handlers.songs.cancel import stop_song
from storage.errors import MediaError
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

MEMO = "erased:"
WATCH = timedelta(hours=2)  # longer than any worker continues with a deleted song


async def erase(sender: Sender, *, deps: Deps) -> bool:
    """Remove the person and all that is theirs; False when nothing was known. Safe to run again after a crash.

    Files go before the rows that know of them. Their folders are watched for a while: an engine that was at
    work may write a file after we have looked. Events that come in while we are at it are a new beginning.
    """
    asked_at = deps.clock.now()
    user = await deps.read(lambda unit: unit.users.find(sender.platform, sender.account_id))
    await remove_pending_selfie(sender, deps=deps)
    if user is None:
        return False
    accounts = await deps.read(lambda unit: unit.users.accounts(user.id))
    for account in accounts:
        await remove_pending_selfie(Sender(account.platform, account.account_id, user.username), deps=deps)
    for song_id in await deps.read(lambda unit: unit.song_queries.in_work(user.id)):
        song = await deps.read(partial(_load_song, song_id))
        if song is not None:
            await stop_song(song, deps=deps)
    paths = await deps.read(lambda unit: _load_paths(user.id, unit=unit))
    folders = {str(user.id), *(path.partition("/")[0] for path in paths)}
    for path in paths:
        await deps.media.remove(path)

    async def forget(unit: UnitOfWork) -> None:
        for folder in folders:
            await unit.key_values.set(f"{MEMO}{folder}", deps.clock.now().isoformat())
        for account in accounts:
            await unit.inbox.forget(account.platform, account.account_id, before=asked_at)
        await unit.users.delete(user.id)

    await deps.commit(forget)
    for folder in folders:
        await _remove_unknown_files(folder, deps=deps)
    return True


async def finish_erasures(*, deps: Deps) -> None:
    """Empty the folders of erased people again, until nobody can write there any more; the sweeper calls this."""
    for name, since in (await deps.read(lambda unit: unit.key_values.named(MEMO))).items():
        await _remove_unknown_files(name.removeprefix(MEMO), deps=deps)
        if deps.clock.now() - datetime.fromisoformat(since) > WATCH:
            await deps.commit(partial(_forget_memo, name))


async def _load_song(song_id: int, unit: UnitOfWork) -> SongRow | None:
    return await unit.songs.get(song_id)


async def _is_known_session(session_id: int, unit: UnitOfWork) -> bool:
    return await unit.users.has_session(session_id)


async def _forget_memo(name: str, unit: UnitOfWork) -> None:
    await unit.key_values.forget(name)


async def _load_paths(user_id: int, *, unit: UnitOfWork) -> set[str]:
    files = {file.path for file in await unit.assets.of_user(user_id)}
    return files | set(await unit.song_queries.files_of(user_id))


async def _remove_unknown_files(folder: str, *, deps: Deps) -> None:
    """Remove the files of a folder that no row knows. After a link its songs may be another listener's."""
    try:
        files = await deps.media.list(folder)
    except MediaError:
        log.warning("the folder of an erased person could not be listed; the next sweep tries again")
        return
    for file in files:
        session_id = file.split("/")[1] if file.count("/") == 2 else ""
        if not session_id.isdigit() or not await deps.read(partial(_is_known_session, int(session_id))):
            await deps.media.remove(file)
