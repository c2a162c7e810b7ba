"""The rows of a new song, whatever began it: a selfie, a named mood, another take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from handlers.deps import Deps
from handlers.events import Sender
from handlers.serialization import to_json
from handlers.song_options import SongOptions, check_song_options
from handlers.songs.melody import take_melody
from handlers.songs.quota import check_quota
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

MAX_NOTE = 300  # characters; what the writer is shown of a note


@dataclass(frozen=True, slots=True)
class CreatedSong:
    """A song's rows; `new` is False when the same event had created it before."""

    song_id: int
    session_id: int
    user_id: int
    new: bool


@dataclass(frozen=True, slots=True)
class NewSong:
    """What a song is created from."""

    sender: Sender
    reply_to: dict[str, str]
    options: SongOptions
    key: str | None
    in_group: bool
    status: SongState = SongState.RECEIVED
    take_of: int | None = None


AddInputs = Callable[[UnitOfWork, CreatedSong], Awaitable[None]]


async def create_song(new_song: NewSong, add_inputs: AddInputs, *, deps: Deps) -> CreatedSong:
    """Open the rows of a song once per event key; `add_inputs` adds what it starts from, in the same commit.

    The person's row is locked meanwhile: ten photos at once are counted one after the other.
    Raises Refused when the person has too many songs, or asks for what cannot be.
    """
    check_song_options(new_song.options)

    async def add_song(unit: UnitOfWork) -> CreatedSong:
        now, sender = deps.clock.now(), new_song.sender
        user = await unit.users.find_or_create(sender.platform, sender.account_id, sender.username, now)
        await unit.users.lock(user.id)
        known = await _song_of_event(new_song, unit=unit)
        if known is not None:
            return known
        await check_quota(user.id, unit=unit, limits=deps.limits, now=now)
        created = await _add_rows(new_song, user.id, unit=unit, deps=deps)
        await add_inputs(unit, created)
        return created

    return await deps.commit(add_song)


async def _song_of_event(new_song: NewSong, *, unit: UnitOfWork) -> CreatedSong | None:
    if new_song.key is None:
        return None
    song_id = await unit.idempotency_keys.song_of(new_song.sender.platform, song_key(new_song.key))
    song = await unit.songs.get(song_id) if song_id else None
    return None if song is None else CreatedSong(song.id, song.session_id, song.user_id, new=False)


async def _add_rows(new_song: NewSong, user_id: int, *, unit: UnitOfWork, deps: Deps) -> CreatedSong:
    now, platform = deps.clock.now(), new_song.sender.platform
    profile = await unit.users.profile(user_id)
    options = replace(
        new_song.options, locale=profile.locale or new_song.options.locale, note=new_song.options.note[:MAX_NOTE]
    )
    session_id = await unit.users.open_session(user_id, platform, now)
    options = replace(options, melody=await take_melody(user_id, session_id, unit=unit) or options.melody)
    song_id = await unit.songs.add(
        session_id=session_id,
        user_id=user_id,
        status=new_song.status,
        options=to_json(options),
        reply_to=new_song.reply_to,
        now=now,
        take_of=new_song.take_of,
    )
    if options.interactive:
        await unit.status_cards.open(song_id, platform=platform, in_group=new_song.in_group, now=now)
    if new_song.key is not None:
        await unit.idempotency_keys.add(platform, song_key(new_song.key), song_id=song_id, now=now)
    return CreatedSong(song_id, session_id, user_id, new=True)


def song_key(key: str) -> str:
    """Keep keys of songs apart from those of `mark_seen`."""
    return f"song:{key}"
