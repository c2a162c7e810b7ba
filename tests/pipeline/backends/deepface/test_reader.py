"""Real DeepFace on real pictures, in its own process; the process is shared by the module where it can be."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from PIL import Image

from pipeline.backends.deepface.reader import DeepFaceReader
from pipeline.backends.deepface.weights import build_weights
from pipeline.errors import BadInput, EngineFailed
from pipeline.faces.read_mood import read_mood
from pipeline.values import EMOTION_LABELS
from tests.pipeline.pictures import FACE_CENTRE, clip, encoded, held_sideways, landscape, portrait, sound

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM = "pipeline.backends.deepface.worker"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deepface")
    build_weights(folder)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(home: Path) -> AsyncIterator[DeepFaceReader]:
    async with DeepFaceReader(home) as reader:
        yield reader


def readers() -> set[psutil.Process]:
    """Every process that reads moods for this one."""
    return {child for child in psutil.Process().children() if PROGRAM in child.cmdline()}


async def refusal(data: bytes, reader: DeepFaceReader) -> BadInput:
    with pytest.raises(BadInput) as caught:
        await read_mood(data, reader=reader)
    return caught.value


async def test_the_sample_selfie_is_happy(reader: DeepFaceReader) -> None:
    mood = await read_mood(encoded(portrait()), reader=reader)
    assert mood.label == "happy"
    assert mood.confidence > 0.9
    assert mood.sure
    assert tuple(mood.scores) == EMOTION_LABELS
    assert sum(mood.scores.values()) == pytest.approx(1)
    assert {type(score) for score in mood.scores.values()} == {float}
    assert (mood.faces, mood.others, mood.segments) == (1, (), ())


@pytest.mark.parametrize("degrees", [90, 180, 270])
async def test_a_photo_on_its_side_is_read_and_the_face_is_where_it_was_sent(
    reader: DeepFaceReader, degrees: int
) -> None:
    mood = await read_mood(encoded(portrait().rotate(degrees)), reader=reader)
    assert (mood.label, mood.faces) == ("happy", 1)
    (face,) = await reader.photo_faces(encoded(portrait().rotate(degrees)))
    x, y = FACE_CENTRE
    for _ in range(degrees // 90):
        x, y = y, 1 - x
    assert (face.x + face.width / 2, face.y + face.height / 2) == pytest.approx((x, y), abs=0.05)


async def test_a_photo_turned_by_exif_reads_like_the_upright_one(reader: DeepFaceReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(portrait().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    assert await reader.photo_faces(turned) == await reader.photo_faces(encoded(portrait(), "PNG"))


async def test_of_two_faces_the_larger_is_the_senders(reader: DeepFaceReader) -> None:
    together = Image.new("RGB", (1000, 600), "gray")
    together.paste(portrait(400), (0, 200))
    together.paste(portrait(600), (400, 0))
    mood = await read_mood(encoded(together), reader=reader)
    assert (mood.label, mood.faces) == ("happy", 2)
    (other,) = mood.others
    assert other.x + other.width < 400 / 1000
    assert other.label in EMOTION_LABELS


async def test_a_face_far_away_is_found_by_looking_closer(reader: DeepFaceReader) -> None:
    hills = landscape(2560, 1920)
    hills.paste(portrait(560), (1200, 900))  # the face takes 4 % of the width
    assert (await read_mood(encoded(hills), reader=reader)).faces == 1


@pytest.mark.parametrize("picture", [landscape(), landscape(60, 60), landscape(4000, 60)])
async def test_nobody_is_never_neutral(reader: DeepFaceReader, picture: Image.Image) -> None:
    assert (await refusal(encoded(picture), reader)).code == "no_face"


async def test_bad_files_are_told_by_the_process_too(reader: DeepFaceReader) -> None:
    jpeg = encoded(portrait())
    codes = {
        "broken_picture": jpeg[: len(jpeg) // 2],
        "picture_too_small": encoded(portrait(16)),
        "not_a_picture": b"just words",
        "no_video_stream": sound(),
        "broken_video": clip([landscape()] * 4)[:3000],
    }
    for code, data in codes.items():
        assert (await refusal(data, reader)).code == code
    small = await refusal(codes["picture_too_small"], reader)
    assert small.facts == {"width": 16, "height": 16, "limit_px": 48}


async def test_a_clip_is_read_over_the_frames_that_show_a_face(reader: DeepFaceReader) -> None:
    hills = landscape(320, 320)
    mood = await read_mood(clip([portrait(320)] * 10 + [hills] * 6, rate=4), reader=reader)
    assert mood.label == "happy"
    assert mood.sure
    assert [(part.start_s, part.end_s, part.label) for part in mood.segments] == [(0, 4, "happy")]


async def test_a_clip_from_a_turned_phone(reader: DeepFaceReader) -> None:
    stored = portrait(320).rotate(90)
    video = clip([stored] * 4, rate=4)
    turned = await reader.clip_faces(held_sideways(video, (0, 1, 0, -1, 0, 0, 320, 0, 1)))
    unmarked = await reader.clip_faces(video)
    (face,), (sideways,) = turned.frames[0].faces, unmarked.frames[0].faces
    assert (face.x + face.width / 2, face.y + face.height / 2) == pytest.approx(FACE_CENTRE, abs=0.05)
    x, y = FACE_CENTRE
    assert (sideways.x + sideways.width / 2, sideways.y + sideways.height / 2) == pytest.approx((y, 1 - x), abs=0.05)
    assert all(frame.faces for frame in unmarked.frames)


async def test_a_clip_of_nobody(reader: DeepFaceReader) -> None:
    assert (await refusal(clip([landscape(200, 160)] * 4, rate=2), reader)).code == "no_face"


async def test_two_at_once_take_turns(reader: DeepFaceReader) -> None:
    face, nobody = await asyncio.gather(
        read_mood(encoded(portrait()), reader=reader), refusal(encoded(landscape()), reader)
    )
    assert (face.label, nobody.code) == ("happy", "no_face")


async def test_a_killed_process_fails_one_reading_and_the_next_works(reader: DeepFaceReader) -> None:
    await reader.warm()
    (child,) = readers()
    child.suspend()  # so that the reading is surely under way
    reading = asyncio.create_task(read_mood(encoded(portrait()), reader=reader))
    await asyncio.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    with pytest.raises(EngineFailed) as caught:
        await reading
    assert (caught.value.code, caught.value.facts) == ("mood_crashed", {"cause": "exit"})
    assert (await read_mood(encoded(portrait()), reader=reader)).label == "happy"
    assert child not in readers()


async def test_a_cancelled_reading_leaves_no_answer_for_the_next(reader: DeepFaceReader) -> None:
    await reader.warm()
    (child,) = readers()
    child.suspend()
    reading = asyncio.create_task(reader.photo_faces(encoded(portrait())))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not child.is_running()
    assert await reader.photo_faces(encoded(landscape())) == ()


async def test_a_late_answer_is_a_time_out_and_the_next_works(home: Path) -> None:
    before = readers()
    async with DeepFaceReader(home, clip_timeout_s=0.02) as hasty:
        await hasty.warm()
        (child,) = readers() - before
        with pytest.raises(EngineFailed) as caught:
            await read_mood(clip([portrait(320)] * 8), reader=hasty)
        assert (caught.value.code, caught.value.facts) == ("mood_timeout", {"seconds": 0.02})
        assert not child.is_running()
        assert (await read_mood(encoded(portrait()), reader=hasty)).label == "happy"


async def test_the_process_knows_no_secret_and_nothing_is_left_after_closing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = readers()
    monkeypatch.setenv("DISCORD_TOKEN", "top-secret")
    async with DeepFaceReader(home) as other:
        await other.warm()
        (child,) = readers() - before
        assert "top-secret" not in child.environ().values()
        assert child.environ()["DEEPFACE_HOME"] == str(home)
    assert not child.is_running()


async def test_missing_or_damaged_weights_are_told_before_any_photo(home: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="weights_missing"):
        await DeepFaceReader(tmp_path).__aenter__()
    with pytest.raises(EngineFailed, match="detector_missing"):
        await DeepFaceReader(home, detector="yunet").__aenter__()
    build_weights(tmp_path).write_bytes(b"not a model")
    with pytest.raises(EngineFailed, match="weights_damaged"):
        await DeepFaceReader(tmp_path).__aenter__()


async def test_a_process_that_cannot_start_is_told_and_tried_again(home: Path) -> None:
    async with DeepFaceReader(home, start_timeout_s=0.01) as reader:
        for _ in range(2):
            with pytest.raises(EngineFailed, match="mood_unavailable"):
                await reader.warm()
