from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handlers.again import take_again
from handlers.consent import accept, greeting, has_accepted
from handlers.errors import Refused, UnknownSong
from handlers.listeners import language_of
from handlers.memory import recall, remember, seen_before
from handlers.pressing import press
from handlers.refusing import refusal
from handlers.wish import Wish, wish_from_json
from storage.song_states import State
from tests.handlers.chat.world import ANN, BOB, HERE, PLATFORM, World, photo, tokens


async def test_consent_is_asked_once(world: World) -> None:
    assert not await has_accepted(ANN, desk=world.desk)
    assert tokens(greeting("zh-TW").buttons) == ["1:accept:0:"]
    await accept(ANN, desk=world.desk)
    assert await has_accepted(ANN, desk=world.desk)
    assert not await has_accepted(BOB, desk=world.desk)


async def test_a_greeting_that_somebody_else_accepts_stays_for_whom_it_greets(world: World) -> None:
    ((button,),) = greeting("en", ANN).buttons
    others = await press(button.token, BOB, desk=world.desk, origin=HERE)
    assert not others.edit
    assert await has_accepted(BOB, desk=world.desk)
    assert not await has_accepted(ANN, desk=world.desk)
    assert (await press(button.token, ANN, desk=world.desk, origin=HERE)).edit


async def test_a_redelivered_selfie_is_one_song(world: World) -> None:
    first = await world.selfie(key="m1")
    assert await world.selfie(key="m1") == first
    assert world.queue.jobs == [("draft", first, 0)]
    assert await world.selfie(key="m2") != first


async def test_ten_deliveries_at_once_are_one_song(world: World) -> None:
    ids = await asyncio.gather(*(world.selfie(key="same") for _ in range(10)))
    assert len(set(ids)) == 1
    assert len(world.queue.jobs) == 1
    assert len(await world.files()) == 1


async def test_a_crash_before_the_file_was_kept_is_mended_by_the_next_delivery(world: World) -> None:
    song_id = await world.selfie(key="m1")
    (path,) = await world.files()
    await world.desk.media.remove(path)
    assert await world.selfie(key="m1") == song_id
    assert await world.files() == (path,)


async def test_three_in_work_is_the_most_also_when_ten_come_at_once(world: World) -> None:
    results = await asyncio.gather(*(world.selfie() for _ in range(10)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 7
    assert {error.code for error in refused} == {"too_many_in_work"}
    assert "3 songs" in refusal("en", refused[0]).text
    await world.selfie(BOB)


async def test_thirty_a_day_and_when_the_next_may_begin(world: World) -> None:
    world.desk = replace(world.desk, limits=replace(world.desk.limits, songs_in_work=99, songs_per_day=2))
    await world.selfie()
    world.clock.forward(3600)
    await world.selfie()
    with pytest.raises(Refused) as caught:
        await world.selfie()
    assert caught.value.facts["wait"] == 23 * 60
    assert "23 hours" in refusal("en", caught.value).text
    world.clock.forward(23 * 3600 + 1)
    await world.selfie()


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty_file"), ((), "empty_file"), (b"x" * 20_000_001, "file_too_large")]
)
async def test_unusable_files_leave_nothing(world: World, data: bytes | tuple[bytes, ...], code: str) -> None:
    with pytest.raises(Refused) as caught:
        await world.selfie(data=data)
    assert caught.value.code == code
    assert await world.files() == ()


async def test_of_several_pictures_the_first_with_a_face_counts(world: World) -> None:
    song_id = await world.selfie(data=(photo(""), photo("sad 0.8"), photo("happy 0.9")))
    assert len(await world.files()) == 3
    await world.draft()
    assert (await world.song(song_id)).emotion == "sad"
    assert await world.files() == ()
    await world.render(song_id)
    await world.deliver()
    assert "Of your 3 pictures, number 2 was the first with a face." in world.chat.songs[0].text


async def test_no_face_in_any_picture_says_so(world: World) -> None:
    song_id = await world.selfie(data=(b"\xff\xd8\xffrubbish", photo(" "), photo("")))
    world.reader.read.clear()
    await world.draft()
    song = await world.song(song_id)
    assert (song.status, song.error_code) == (State.FAILED, "no_face")
    assert await world.files() == ()


async def test_a_named_mood_needs_no_photo(world: World) -> None:
    song_id = await world.mood("angry")
    await world.draft()
    assert (await world.song(song_id)).emotion == "angry"
    assert world.reader.read == []


async def test_the_language_set_overrules_the_platforms(world: World) -> None:
    assert await language_of(ANN, "zh-TW", desk=world.desk) == "zh-hant"
    assert await language_of(ANN, "fr", desk=world.desk) == "en"
    await accept(ANN, desk=world.desk)
    from handlers.listeners import Preferences, set_preferences

    await set_preferences(ANN, Preferences(locale="zh"), desk=world.desk)
    assert await language_of(ANN, "en-GB", desk=world.desk) == "zh"
    song_id = await world.selfie(wish=Wish(locale="en", live=True))
    assert wish_from_json((await world.song(song_id)).wish).locale == "zh"


async def test_where_the_platform_tells_no_language_the_last_song_does(world: World) -> None:
    assert await language_of(ANN, None, desk=world.desk) == "en"
    await world.selfie(wish=Wish(locale="zh", live=True))
    assert await language_of(ANN, None, desk=world.desk) == "zh"
    assert await language_of(ANN, "en-GB", desk=world.desk) == "en"
    assert await language_of(BOB, None, desk=world.desk) == "en"


async def test_again_is_a_new_take_of_the_same_mood_for_the_owner(world: World) -> None:
    song_id = await world.finished(words="sad 0.81")
    take = await take_again(song_id, ANN, HERE.reply_to, "again-1", desk=world.desk)
    assert await take_again(song_id, ANN, HERE.reply_to, "again-1", desk=world.desk) == take
    reads = len(world.reader.read)
    await world.draft()
    first, second = await world.song(song_id), await world.song(take)
    assert (second.status, second.emotion, second.take_of) == (State.QUEUED, "sad", song_id)
    assert first.params is not None
    assert second.params is not None
    assert first.params["seed"] != second.params["seed"]
    assert len(world.reader.read) == reads
    with pytest.raises(UnknownSong):
        await take_again(song_id, BOB, HERE.reply_to, None, desk=world.desk)


async def test_again_without_a_mood_asks_for_the_photo(world: World) -> None:
    song_id = await world.selfie(data=photo(""))
    await world.draft()
    with pytest.raises(Refused) as caught:
        await take_again(song_id, ANN, HERE.reply_to, None, desk=world.desk)
    assert caught.value.code == "no_mood_yet"


async def test_an_update_is_seen_once_and_forgotten_after_a_week(world: World) -> None:
    from handlers.sweeping import sweep

    seen = await asyncio.gather(*(seen_before(PLATFORM, "update 5", desk=world.desk) for _ in range(5)))
    assert sorted(seen) == [False, True, True, True, True]
    assert not await seen_before("other", "update 5", desk=world.desk)
    assert not await seen_before(PLATFORM, "x" * 500, desk=world.desk)
    assert await seen_before(PLATFORM, "x" * 500, desk=world.desk)
    world.clock.forward(8 * 86_400)
    await sweep(desk=world.desk)
    assert not await seen_before(PLATFORM, "update 5", desk=world.desk)


async def test_named_values_are_replaced(world: World) -> None:
    assert await recall("tree", desk=world.desk) is None
    await asyncio.gather(*(remember("tree", "a", desk=world.desk) for _ in range(3)))
    await remember("tree", "b", desk=world.desk)
    assert await recall("tree", desk=world.desk) == "b"
