"""Make the message of a finished song from its row."""

from __future__ import annotations

from pathlib import PurePosixPath

from handlers.deps import Deps
from handlers.ports import SongMessage
from handlers.serialization import from_json, mood_from_json, stored_plan
from handlers.song_options import SongOptions
from handlers.songs.caption import song_buttons, song_caption
from handlers.songs.credit import credit_from_json
from handlers.songs.remarks import remark_lines
from handlers.texts import song_title
from storage.repositories.emotions import EmotionRow
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork


async def song_message(song: SongRow, *, deps: Deps) -> SongMessage:
    """Gather what a chat shows of a finished song."""
    assert song.audio_path is not None
    assert song.waveform_path is not None

    async def load_message(unit: UnitOfWork) -> tuple[EmotionRow | None, str | None, tuple[int, int]]:
        mood = await unit.emotions.latest(song.session_id)
        return mood, await account_of(song, unit=unit), await unit.votes.counts(song.id)

    read, account_id, (up, down) = await deps.read(load_message)
    assert read is not None
    assert read.extra is not None
    plan, locale, mood = stored_plan(song), from_json(SongOptions, song.options).locale, mood_from_json(read.extra)
    engine = song.model or plan.params.model
    return SongMessage(
        song_id=song.id,
        reply_to=address_of(song),
        locale=locale,
        audio_path=PurePosixPath(song.audio_path),
        waveform_path=PurePosixPath(song.waveform_path),
        title=song_title(locale, plan.mood, plan.genre),
        mood=mood,
        plan=plan,
        engine=engine,
        duration_s=song.duration_sec or plan.params.duration_s,
        caption=song_caption(
            locale,
            mood=mood,
            plan=plan,
            engine=engine,
            credit=credit_from_json(song.params or {}, engine=engine),
            picture=_number(read, "picture"),
            pictures=_number(read, "pictures"),
            chosen=bool(read.extra.get("chosen")),
            remarks=remark_lines(locale, song.params),
        ),
        buttons=song_buttons(locale, song.id, up=up, down=down),
        account_id=account_id,
    )


async def account_of(song: SongRow, *, unit: UnitOfWork) -> str | None:
    """Give the owner's account on the song's platform, to reach them directly."""
    accounts = await unit.users.accounts(song.user_id)
    return next((each.account_id for each in accounts if each.platform == song.source), None)


def address_of(song: SongRow) -> dict[str, str]:
    """Give the platform's address of the conversation, as the selfie came with it."""
    return {key: str(value) for key, value in (song.reply_to or {}).items()}


def facts_of(song: SongRow) -> dict[str, str | float]:
    """Give what fills the blanks of a failure's sentence."""
    facts = (song.error or {}).items()
    return {key: value for key, value in facts if isinstance(value, (str, int, float))}


def _number(read: EmotionRow, name: str) -> int:
    value = (read.extra or {}).get(name)
    return value if isinstance(value, int) else 0
