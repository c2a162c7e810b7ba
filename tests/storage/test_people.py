"""Users, profiles, preferences, votes, moods, files and events: what hangs on a person."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.repositories.preferences import PreferencesRow
from storage.repositories.users import ProfileRow, UserRow
from storage.song_states import NEEDS_PHOTO, SongState
from storage.tables.columns import Base
from storage.tables.songs import Asset
from storage.unit_of_work import UnitOfWorkFactory
from tests.storage.conftest import MakeSong

MINUTE = timedelta(minutes=1)


async def greet(begin: UnitOfWorkFactory, account: str, name: str, now: datetime) -> UserRow:
    async with begin() as uow:
        user = await uow.users.find_or_create("discord", account, name, now)
        await uow.commit()
    return user


async def test_a_person_is_found_again_under_todays_name(begin: UnitOfWorkFactory, now: datetime) -> None:
    first = await greet(begin, "5", "Zoë 🎧🇹🇼 王小明", now)
    assert first.username == "Zoë 🎧🇹🇼 王小明"
    again = await greet(begin, "5", "x" * 500, now + MINUTE)
    assert (again.id, again.username, again.created_at) == (first.id, "x" * 128, now)
    async with begin(reading=True) as uow:
        assert await uow.users.get(first.id) == again
        assert await uow.users.find("discord", "5") == again
        assert await uow.users.find("telegram", "5") is None
        assert await uow.users.get(first.id + 1) is None


async def test_accounts_differ_by_case_and_accent(begin: UnitOfWorkFactory, now: datetime) -> None:
    people = {(await greet(begin, account, "x", now)).id for account in ("ann", "Ann", "änn", "🎹", "🎸")}
    assert len(people) == 5


async def test_one_account_writing_twice_at_once_is_one_person(begin: UnitOfWorkFactory, now: datetime) -> None:
    people = await asyncio.gather(*(greet(begin, "7", "Ann", now) for _ in range(6)))
    assert len({person.id for person in people}) == 1


async def test_a_profile_keeps_what_is_not_given(begin: UnitOfWorkFactory, ann: int) -> None:
    async with begin() as uow:
        assert await uow.users.profile(ann) == ProfileRow()
        assert await uow.users.set_profile(ann, age=30, notes="I run at dawn 🏃")
        assert await uow.users.set_profile(ann, age=None, locale="zh")
        assert not await uow.users.set_profile(ann + 1, age=3)
        await uow.commit()
    async with begin(reading=True) as uow:
        assert await uow.users.profile(ann) == ProfileRow(locale="zh", notes="I run at dawn 🏃")


async def test_preferences_keep_what_is_not_given(begin: UnitOfWorkFactory, ann: int) -> None:
    async with begin() as uow:
        assert await uow.preferences.get(ann) == PreferencesRow()
        assert await uow.preferences.set(ann, fav_genres=("jazz", "爵士"), bpm_min=80, bpm_max=120)
        assert await uow.preferences.set(ann, bpm_max=None, negative_prompts="sirens, choirs")
        assert not await uow.preferences.set(ann + 1, bpm_min=1)
        await uow.commit()
    async with begin(reading=True) as uow:
        assert await uow.preferences.get(ann) == PreferencesRow(
            fav_genres=("jazz", "爵士"), bpm_min=80, negative_prompts="sirens, choirs"
        )


async def test_a_vote_is_cast_changed_and_taken_back(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann, SongState.DELIVERED)
    async with begin() as uow:
        cast = partial(uow.votes.cast, generation_id=song_id, user_id=ann)
        take_back = partial(uow.votes.take_back, generation_id=song_id, user_id=ann, now=now)
        assert await uow.votes.of(song_id, ann) is None
        assert await cast(now=now, vote="up", comment="❤️")
        assert await cast(now=now + MINUTE, vote="down")
        word = await uow.votes.of(song_id, ann)
        assert word is not None
        assert (word.vote, word.comment, word.created_at, word.updated_at) == ("down", "❤️", now, now + MINUTE)
        assert await uow.votes.counts(song_id) == (0, 1)
        assert await take_back()
        assert not await take_back()
        assert await uow.votes.counts(song_id) == (0, 0)
        word = await uow.votes.of(song_id, ann)
        assert word is not None
        assert word.comment == "❤️"
        assert await cast(now=now, vote="up", comment=None)
        assert await take_back()
        assert await uow.votes.of(song_id, ann) is None


async def test_a_vote_needs_a_song_and_a_person(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann, SongState.DELIVERED)
    async with begin() as uow:
        assert not await uow.votes.cast(generation_id=song_id + 1, user_id=ann, now=now, vote="up")
        assert not await uow.votes.cast(generation_id=song_id, user_id=ann + 1, now=now, vote="up")


async def test_scores_lie_between_0_and_5(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann, SongState.DELIVERED)
    async with begin() as uow:
        assert await uow.votes.cast(generation_id=song_id, user_id=ann, now=now, score=5)
        # MariaDB's violated CHECK is an OperationalError, SQLite's an IntegrityError; both are DBAPI errors.
        with pytest.raises((IntegrityError, StatementError)):
            await uow.votes.cast(generation_id=song_id, user_id=ann, now=now, score=6)


async def test_votes_pressed_at_once_leave_one_row_each(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann, SongState.DELIVERED)
    people = [ann, *[(await greet(begin, str(n), "x", now)).id for n in range(3)]]

    async def press(user_id: int, n: int) -> bool:
        async with begin() as uow:
            done = await uow.votes.cast(generation_id=song_id, user_id=user_id, now=now, vote="up" if n % 2 else "down")
            await uow.commit()
        return done

    assert all(await asyncio.gather(*(press(user_id, n) for n in range(4) for user_id in people)))
    async with begin(reading=True) as uow:
        assert sum(await uow.votes.counts(song_id)) == len(people)


async def test_recent_votes_come_newest_first_with_their_songs(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    songs = [await make_song(ann, SongState.QUEUED) for _ in range(4)]
    async with begin() as uow:
        for n, song_id in enumerate(songs[:3]):
            await uow.songs.advance(
                song_id,
                lease=None,
                from_states={SongState.QUEUED},
                to=SongState.DELIVERED,
                now=now,
                genre=f"genre {n}",
                emotion="sad",
            )
            await uow.votes.cast(generation_id=song_id, user_id=ann, now=now + n * MINUTE, vote="up")
        await uow.votes.cast(generation_id=songs[3], user_id=ann, now=now + 9 * MINUTE, comment="only words")
        await uow.votes.cast(generation_id=songs[0], user_id=ann, now=now + 5 * MINUTE, vote="down", score=1)
        await uow.commit()
    async with begin(reading=True) as uow:
        recent = await uow.votes.recent(ann, limit=2)
    assert [(row.genre, row.emotion, row.vote, row.score) for row in recent] == [
        ("genre 0", "sad", "down", 1),
        ("genre 2", "sad", "up", None),
    ]


async def test_moods_of_a_session(begin: UnitOfWorkFactory, ann: int, now: datetime) -> None:
    scores = {"happy": 0.1 + 0.2, "sad": 1e-12, "others": [{"x": 0.5}], "note": None}
    async with begin() as uow:
        session_id = await uow.users.open_session(ann, "cli", now)
        assert await uow.emotions.latest(session_id) is None
        await uow.emotions.add(session_id=session_id, emotion="sad", confidence=0.4, now=now)
        whole = await uow.emotions.add(
            session_id=session_id, emotion="happy", confidence=0.1 + 0.2, now=now, extra=scores
        )
        await uow.emotions.add(session_id=session_id, emotion="fear", confidence=0.9, now=now, frame_ts=1.5)
        await uow.commit()
    async with begin(reading=True) as uow:
        latest = await uow.emotions.latest(session_id)
        assert len(await uow.emotions.for_session(session_id)) == 3
    assert latest is not None
    assert (latest.id, latest.confidence, latest.extra) == (whole, 0.1 + 0.2, scores)


async def test_events_of_a_session(begin: UnitOfWorkFactory, ann: int, now: datetime) -> None:
    async with begin() as uow:
        session_id = await uow.users.open_session(ann, "cli", now)
        for kind, payload in (("started", None), ("fallback", {"why": "429", "ms": 12.5})):
            await uow.event_log.add(session_id=session_id, agent="draft", event_type=kind, payload=payload, ts=now)
        await uow.commit()
    async with begin(reading=True) as uow:
        trail = await uow.event_log.for_session(session_id)
    assert [(event.event_type, event.payload) for event in trail] == [
        ("started", None),
        ("fallback", {"why": "429", "ms": 12.5}),
    ]


@pytest.mark.parametrize("state", list(SongState))
async def test_a_photo_is_left_over_once_every_song_has_read_it(
    begin: UnitOfWorkFactory, engine: AsyncEngine, ann: int, make_song: MakeSong, now: datetime, state: SongState
) -> None:
    song_id = await make_song(ann, state)
    async with begin() as uow:
        song = await uow.songs.get(song_id)
        assert song is not None
        ids = [
            await uow.assets.add(session_id=song.session_id, kind=kind, path="p", mime="m", md5="0" * 32, now=now)
            for kind in ("image", "video", "audio")
        ]
        await uow.commit()
    async with begin() as uow:
        assert await uow.assets.photos_left(before=now, limit=9) == []  # too young
        left = [asset.id for asset in await uow.assets.photos_left(before=now + MINUTE, limit=9)]
        assert left == ([] if state in NEEDS_PHOTO else ids[:2])
        assert await uow.assets.mark_removed(ids[0], now=now)
        assert not await uow.assets.mark_removed(ids[0], now=now)
        assert ids[0] not in [asset.id for asset in await uow.assets.photos_left(before=now + MINUTE, limit=9)]
        assert [asset.id for asset in await uow.assets.of_user(ann)] == ids[1:]
        assert [asset.id for asset in await uow.assets.of_session(song.session_id)] == ids[1:]
        await uow.commit()
    async with engine.connect() as connection:
        removed = select(Asset.removed_at).where(Asset.id == ids[0])
        assert await connection.scalar(removed) == now


async def test_deleting_a_person_leaves_nothing_of_theirs(
    begin: UnitOfWorkFactory, engine: AsyncEngine, ann: int, make_song: MakeSong, now: datetime
) -> None:
    other = (await greet(begin, "bo", "Bo", now)).id
    song_id, others = await make_song(ann, SongState.DELIVERED), await make_song(other, SongState.DELIVERED)
    async with begin() as uow:
        song = await uow.songs.get(song_id)
        assert song is not None
        session_id = song.session_id
        await uow.songs.add(
            session_id=session_id,
            user_id=ann,
            status=SongState.QUEUED,
            options=None,
            reply_to=None,
            now=now,
            take_of=song_id,
        )
        await uow.users.set_profile(ann, age=30)
        await uow.preferences.set(ann, bpm_min=80)
        await uow.emotions.add(session_id=session_id, emotion="sad", confidence=1.0, now=now)
        await uow.event_log.add(session_id=session_id, agent="a", event_type="e", payload=None, ts=now)
        await uow.assets.add(session_id=session_id, kind="image", path="p", mime="m", md5="0" * 32, now=now)
        for voter in (ann, other):
            await uow.votes.cast(generation_id=song_id, user_id=voter, vote="up", now=now)
        await uow.votes.cast(generation_id=others, user_id=ann, vote="up", now=now)
        await uow.commit()
    async with begin() as uow:
        assert await uow.users.delete(ann)
        assert not await uow.users.delete(ann)
        await uow.commit()
    async with engine.connect() as connection:
        rows = {
            table.name: await connection.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
    bos = {"users": 1, "chat_accounts": 1, "sessions": 1, "generations": 1}
    assert rows == {table: bos.get(table, 0) for table in rows}


async def test_times_with_a_zone_are_refused(begin: UnitOfWorkFactory, ann: int) -> None:
    async with begin() as uow:
        with pytest.raises(StatementError, match="naive UTC"):
            await uow.users.open_session(ann, "cli", datetime.now(UTC))


async def test_json_that_others_could_not_read_is_refused(begin: UnitOfWorkFactory, ann: int, now: datetime) -> None:
    async with begin() as uow:
        session_id = await uow.users.open_session(ann, "cli", now)
        with pytest.raises(StatementError, match="JSON"):
            await uow.event_log.add(
                session_id=session_id, agent="a", event_type="e", payload={"x": float("nan")}, ts=now
            )
