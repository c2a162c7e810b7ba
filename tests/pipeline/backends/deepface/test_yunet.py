"""FACE_DETECTOR=yunet for real: OpenCV's FaceDetectorYN inside DeepFace inside the mood reader's process.

The file is the tests' own in YuNet's form, so its sha256 stands in place of the published one's.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from PIL import Image

from pipeline.backends.deepface import weights
from pipeline.backends.deepface.reader import DeepFaceReader
from pipeline.backends.deepface.weights import YUNET_FILE, DetectorChoice, build_weights, weights_folder
from pipeline.errors import BadInput, EngineFailed
from pipeline.faces.read_mood import read_mood
from tests.pipeline.backends.deepface.small_yunet import FACE, SIDE, write_small_yunet
from tests.pipeline.pictures import clip, encoded, landscape, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM = "pipeline.backends.deepface.worker"
NEAR_BY = 320  # px: what YuNet sees of a picture that DeepFace has put a border around
CORNER = (64, 0)  # of the near-by selfie in the portrait
NEAR_BOX = ((FACE[0] - CORNER[0]) / NEAR_BY, FACE[1] / NEAR_BY, FACE[2] / NEAR_BY, FACE[3] / NEAR_BY)


def selfie() -> Image.Image:
    """The face takes two fifths of the picture, and is as large as the detector knows it at the first look."""
    return portrait(SIDE).crop((*CORNER, CORNER[0] + NEAR_BY, CORNER[1] + NEAR_BY))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deepface")
    build_weights(folder)
    write_small_yunet(weights_folder(folder) / YUNET_FILE)
    return folder


@pytest.fixture(scope="module", autouse=True)
def known(home: Path) -> Iterator[None]:
    """Take the tests' file for the published one."""
    with pytest.MonkeyPatch.context() as patch:
        data = (weights_folder(home) / YUNET_FILE).read_bytes()
        patch.setattr(weights, "YUNET_SHA256", hashlib.sha256(data).hexdigest())
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["yunet", "auto"])
async def reader(home: Path, request: pytest.FixtureRequest) -> AsyncIterator[DeepFaceReader]:
    options: DetectorChoice = request.param
    async with DeepFaceReader(home, detector=options) as reader:
        yield reader


async def test_its_process_runs_yunet(reader: DeepFaceReader) -> None:
    assert reader.detector() == "yunet"
    await reader.warm()
    (process,) = (child for child in psutil.Process().children() if PROGRAM in child.cmdline())
    assert process.cmdline()[-1] == "yunet"


async def test_the_face_is_the_one_that_yunet_found(reader: DeepFaceReader) -> None:
    """The box is the detector's own to the pixel, which OpenCV's cascade never gives."""
    (face,) = await reader.photo_faces(encoded(selfie()))
    assert (face.x, face.y, face.width, face.height) == pytest.approx(NEAR_BOX, abs=1.5 / NEAR_BY)
    mood = await read_mood(encoded(selfie()), reader=reader)
    assert (mood.label, mood.sure, mood.faces) == ("happy", True, 1)


@pytest.mark.parametrize("degrees", [90, 180, 270])
async def test_a_photo_on_its_side_is_searched_turned(reader: DeepFaceReader, degrees: int) -> None:
    (face,) = await reader.photo_faces(encoded(selfie().rotate(degrees)))
    x, y = NEAR_BOX[0] + NEAR_BOX[2] / 2, NEAR_BOX[1] + NEAR_BOX[3] / 2
    for _ in range(degrees // 90):
        x, y = y, 1 - x
    assert (face.x + face.width / 2, face.y + face.height / 2) == pytest.approx((x, y), abs=2 / NEAR_BY)


@pytest.mark.parametrize("scale", [1, 2])
async def test_a_face_half_as_large_is_found_by_the_closer_look(reader: DeepFaceReader, scale: int) -> None:
    """Without a border YuNet sees twice as much; a larger photo is brought to its 640 px before."""
    side = SIDE * scale
    hills = landscape(640 * scale, 640 * scale)
    hills.paste(portrait(side), (0, 0))
    (face,) = await reader.photo_faces(encoded(hills, "PNG"))
    assert (face.x, face.y, face.width) == pytest.approx((FACE[0] / 640, FACE[1] / 640, FACE[2] / 640), abs=2 / 640)
    assert (await read_mood(encoded(hills, "PNG"), reader=reader)).label == "happy"


async def test_nobody_is_nobody(reader: DeepFaceReader) -> None:
    for picture in (landscape(), landscape(60, 60), landscape(4000, 60)):
        with pytest.raises(BadInput, match="no_face"):
            await read_mood(encoded(picture), reader=reader)


async def test_a_clip(reader: DeepFaceReader) -> None:
    mood = await read_mood(clip([selfie()] * 8 + [landscape(NEAR_BY, NEAR_BY)] * 4, rate=4), reader=reader)
    assert (mood.label, mood.faces) == ("happy", 1)
    assert [(part.start_s, part.end_s, part.label) for part in mood.segments] == [(0, 3, "happy")]


@pytest.mark.parametrize(("left", "state"), [(0, "missing"), (1000, "damaged")])
async def test_without_a_sound_file_auto_does_without_it_and_yunet_says_so(
    home: Path, tmp_path: Path, left: int, state: str
) -> None:
    build_weights(tmp_path)
    if left:
        part = (weights_folder(home) / YUNET_FILE).read_bytes()[:-left]
        (weights_folder(tmp_path) / YUNET_FILE).write_bytes(part)
    async with DeepFaceReader(tmp_path) as other:
        assert other.detector() == "opencv"
        assert (await read_mood(encoded(portrait()), reader=other)).label == "happy"
    with pytest.raises(EngineFailed) as caught:
        await DeepFaceReader(tmp_path, detector="yunet").__aenter__()
    assert (caught.value.code, caught.value.facts) == ("detector_missing", {"detector": "yunet", "state": state})


async def test_a_file_that_goes_while_its_process_is_away_is_told_and_never_fetched(home: Path, tmp_path: Path) -> None:
    build_weights(tmp_path)
    file = weights_folder(tmp_path) / YUNET_FILE
    write_small_yunet(file)
    async with DeepFaceReader(tmp_path, detector="yunet") as other:
        file.unlink()
        with pytest.raises(EngineFailed, match="detector_missing"):
            await other.photo_faces(encoded(selfie()))
        assert not file.exists()
        write_small_yunet(file)
        assert await other.photo_faces(encoded(selfie()))
