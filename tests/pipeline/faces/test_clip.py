from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import BadInput
from pipeline.faces.clip import LONG_SIDE_PX, read_clip
from pipeline.file_kind import MAX_CLIP_S
from tests.pipeline.pictures import clip, encoded, held_sideways, landscape, sound


def shades(count: int, size: tuple[int, int] = (96, 64)) -> list[Image.Image]:
    """Frames that grow lighter by eight a frame, so that a picture tells its number."""
    return [Image.new("RGB", size, (8 * n, 8 * n, 8 * n)) for n in range(count)]


def halves(size: tuple[int, int] = (160, 96)) -> Image.Image:
    """White above, black below."""
    image = Image.new("RGB", size, "black")
    image.paste("white", (0, 0, size[0], size[1] // 2))
    return image


def refusal(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_clip(data)
    return caught.value


FORMATS = [
    ("mp4", "libx264"),
    ("mp4", "mpeg4"),
    ("mov", "libx265"),
    ("mp4", "libsvtav1"),
    ("webm", "libvpx"),
    ("webm", "libvpx-vp9"),
    ("avi", "mjpeg"),
]


@pytest.mark.parametrize(("container", "codec"), FORMATS)
def test_two_frames_a_second_whatever_the_format(container: str, codec: str) -> None:
    read = read_clip(clip(shades(30), rate=10, container=container, codec=codec))
    assert [frame.time_s for frame in read.frames] == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5])
    assert read.duration_s == pytest.approx(3, abs=0.11)
    assert [frame.picture.mean() for frame in read.frames] == pytest.approx([0, 40, 80, 120, 160, 200], abs=9)


def test_an_odd_frame_rate_keeps_the_pace() -> None:
    read = read_clip(clip(shades(31), rate=7))
    assert len(read.frames) == 9
    assert all(0 <= frame.time_s - n / 2 < 1 / 7 for n, frame in enumerate(read.frames))


def test_one_frame_is_a_clip() -> None:
    assert len(read_clip(clip(shades(1))).frames) == 1


def test_a_large_clip_is_brought_to_size() -> None:
    (frame,) = read_clip(clip(shades(1, (1920, 1080)))).frames
    assert frame.picture.shape == (360, LONG_SIDE_PX, 3)
    assert frame.picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("matrix", "edge"),
    [  # where the stored picture's upper half is shown, as ISO 14496-12 reads a matrix's a b u c d v x y w
        ((1, 0, 0, 0, 1, 0, 0, 0, 1), "top"),
        ((0, 1, 0, -1, 0, 0, 96, 0, 1), "right"),
        ((-1, 0, 0, 0, -1, 0, 160, 96, 1), "bottom"),
        ((0, -1, 0, 1, 0, 0, 0, 160, 1), "left"),
    ],
)
def test_a_turned_phone_is_turned_back(matrix: tuple[int, ...], edge: str) -> None:
    (frame,) = read_clip(held_sideways(clip([halves()]), matrix)).frames
    height, width = frame.picture.shape[:2]
    assert (height > width) is (edge in ("left", "right"))
    middles = {
        "top": (5, width // 2),
        "bottom": (height - 5, width // 2),
        "left": (height // 2, 5),
        "right": (height // 2, width - 5),
    }
    assert frame.picture[middles[edge]].mean() > 200
    opposite = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[edge]
    assert frame.picture[middles[opposite]].mean() < 50


def test_a_minute_is_welcome() -> None:
    read = read_clip(clip(shades(1, (64, 64)) * 120, rate=2))
    assert read.duration_s == pytest.approx(MAX_CLIP_S)
    assert len(read.frames) == 120


def test_longer_is_refused() -> None:
    error = refusal(clip(shades(1, (64, 64)) * 130, rate=2))
    assert (error.code, error.facts) == ("video_too_long", {"seconds": 65, "limit_seconds": 60})


def test_a_length_that_the_header_keeps_quiet_about_is_noticed() -> None:
    video = clip(shades(1, (64, 64)) * 130, rate=2)
    for box, at in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):  # lengths: one unit
        start = video.index(box) + 4 + at
        video = video[:start] + (1).to_bytes(4, "big") + video[start + 4 :]
    error = refusal(video)
    assert (error.code, error.facts["seconds"]) == ("video_too_long", 61)  # stopped on the way


SOUNDS = [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("mp4", "aac"), ("ogg", "libopus")]


@pytest.mark.parametrize(("container", "codec"), SOUNDS)
def test_sound_alone_has_no_picture(container: str, codec: str) -> None:
    assert refusal(sound(container, codec)).code == "no_video_stream"


def test_frames_too_small_to_show_a_face() -> None:
    error = refusal(clip(shades(2, (96, 32))))
    assert (error.code, error.facts) == ("picture_too_small", {"width": 96, "height": 32, "limit_px": 48})


def test_frames_too_large_to_hold() -> None:
    error = refusal(clip(shades(1, (5_200, 4_900)), codec="mpeg4"))
    assert (error.code, error.facts) == ("picture_too_large", {"megapixels": 25.5, "limit_megapixels": 25})


def test_a_clip_cut_off_before_its_table_of_contents_is_broken() -> None:
    video = clip(shades(30), rate=10)
    assert refusal(video[: len(video) * 2 // 3]).code == "broken_video"


def test_a_cut_off_clip_that_can_be_read_so_far_is_shorter() -> None:
    video = clip(shades(30), rate=10, container="webm", codec="libvpx")
    read = read_clip(video[: len(video) * 2 // 3])
    assert 2 <= len(read.frames) < 6
    assert read.duration_s < 2.6


def test_a_codec_that_no_phone_uses_is_not_decoded() -> None:
    assert refusal(clip(shades(4), container="avi", codec="ffv1")).code == "broken_video"


def test_damaged_bytes_never_raise_anything_else() -> None:
    random = np.random.default_rng(3)
    videos = [clip(shades(8)), clip(shades(8), container="webm", codec="libvpx")]
    codes = set()
    for number in range(80):
        damaged = bytearray(videos[number % 2])
        for at in random.integers(0, len(damaged), 12):
            damaged[at] = random.integers(256)
        try:
            read_clip(bytes(damaged))
        except BadInput as error:
            codes.add(error.code)
    assert "broken_video" in codes
    assert codes <= {
        "broken_video",
        "no_video_stream",
        "not_a_picture",
        "picture_too_large",
        "picture_too_small",
        "video_too_long",
    }


PLAYLISTS = [b"#EXTM3U\nhttp://127.0.0.1/a.ts\n", b"ffconcat version 1.0\nfile /etc/passwd\n"]


@pytest.mark.parametrize("data", PLAYLISTS)
def test_playlists_are_no_clips(data: bytes) -> None:
    assert refusal(data).code == "not_a_picture"


def test_a_photo_is_no_clip() -> None:
    assert refusal(encoded(landscape())).code == "not_a_picture"
