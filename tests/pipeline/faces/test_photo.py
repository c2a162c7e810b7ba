from __future__ import annotations

import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from pipeline.errors import BadInput
from pipeline.faces.photo import LONG_SIDE_PX, Picture, read_photo
from tests.pipeline.pictures import encoded, landscape, portrait, sound

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(width: int = 200, height: int = 100) -> Image.Image:
    """Red and green above, blue and white below: every turn and mirroring shows."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        x, y = number % 2 * width // 2, number // 2 * height // 2
        image.paste(colour, (x, y, x + width // 2, y + height // 2))
    return image


def corner_colours(picture: Picture) -> list[tuple[int, ...]]:
    """RGB in the middle of each quarter, rounded to full or none."""
    height, width = picture.shape[:2]
    spots = [(height // 4 * y, width // 4 * x) for y in (1, 3) for x in (1, 3)]
    return [tuple(int(channel > 127) * 255 for channel in picture[spot][::-1]) for spot in spots]


def refusal(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_photo(data)
    return caught.value


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def grey_png(width: int, height: int) -> bytes:
    """A PNG of zeros, packed a thousand to one without ever holding the picture."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width + 1)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_the_formats_that_phones_and_chats_send(format_name: str) -> None:
    pillow_heif.register_heif_opener()
    picture = read_photo(encoded(corners(), format_name))
    assert picture.shape == (100, 200, 3)
    assert picture.dtype == np.uint8
    assert corner_colours(picture) == [RED, GREEN, BLUE, WHITE]


def test_only_a_gifs_first_frame_counts() -> None:
    data = encoded(corners(), "GIF", save_all=True, append_images=[Image.new("RGB", (200, 100), BLUE)])
    assert corner_colours(read_photo(data)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int) -> None:
    # What a camera held in that way stores, so that undoing it gives the corners back.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = corners()
    image = image.transpose(stored[orientation]) if orientation in stored else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_photo(encoded(image, exif=exif))
    assert picture.shape == (100, 200, 3)
    assert corner_colours(picture) == [RED, GREEN, BLUE, WHITE]


def test_broken_exif_is_no_broken_picture() -> None:
    data = encoded(corners(), exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert corner_colours(read_photo(data)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("mode", ["CMYK", "L", "1"])
def test_other_colour_spaces(mode: str) -> None:
    image = portrait(200).convert(mode)
    picture = read_photo(encoded(image, "PNG" if mode == "1" else "JPEG"))
    expected = np.asarray(image.convert("RGB"))[:, :, ::-1]
    assert np.abs(picture.astype(int) - expected).mean() < 6


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_turn_white(mode: str) -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((90, 90, 90, 255), (0, 0, 50, 100))
    picture = read_photo(encoded(image.convert(mode), "PNG"))
    assert np.abs(picture[50, 25].astype(int) - 90).max() < 8
    assert picture[50, 75].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    ramp = np.tile(np.linspace(0, 65_535, 256).astype(np.uint16), (64, 1))
    picture = read_photo(encoded(Image.fromarray(ramp), "PNG"))
    assert np.abs(picture[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_a_large_photo_is_brought_to_size() -> None:
    picture = read_photo(encoded(corners(5000, 2500)))
    assert picture.shape == (LONG_SIDE_PX // 2, LONG_SIDE_PX, 3)
    assert corner_colours(picture) == [RED, GREEN, BLUE, WHITE]


def test_a_small_photo_stays_as_it_is() -> None:
    assert read_photo(encoded(corners(48, 48))).shape == (48, 48, 3)


def test_too_small() -> None:
    error = refusal(encoded(corners(200, 46)))
    assert (error.code, error.facts) == ("picture_too_small", {"width": 200, "height": 46, "limit_px": 48})


@pytest.mark.parametrize(("side", "megapixels"), [(5_001, 25.0), (12_000, 144.0), (20_000, 400.0)])
def test_a_bomb_is_refused_by_its_header(side: int, megapixels: float) -> None:
    data = grey_png(side, side)
    assert len(data) < 500_000
    # Cut after the header: whoever refuses this for its size has not decoded a row.
    for bomb in (data, data[:60]):
        error = refusal(bomb)
        assert error.code == "picture_too_large"
        assert error.facts == {"megapixels": megapixels, "limit_megapixels": 25}


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_half_a_file_is_broken(format_name: str) -> None:
    pillow_heif.register_heif_opener()
    data = encoded(portrait(), format_name)
    assert refusal(data[: len(data) // 2]).code == "broken_picture"


def test_half_a_progressive_jpeg_is_broken() -> None:
    data = encoded(portrait(), progressive=True)
    assert refusal(data[: len(data) // 2]).code == "broken_picture"


STARTS = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]


@pytest.mark.parametrize("start", STARTS)
def test_noise_behind_a_true_start_is_broken(start: bytes) -> None:
    noise = np.random.default_rng(5).bytes(4_000)
    assert refusal(start + noise).code == "broken_picture"


@pytest.mark.parametrize("data", [b"", b"not a picture at all", b"II*\0" + bytes(100), sound()])
def test_what_is_no_picture(data: bytes) -> None:
    assert refusal(data).code == "not_a_picture"


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_damaged_bytes_never_raise_anything_else(format_name: str) -> None:
    random = np.random.default_rng(11)
    pillow_heif.register_heif_opener()
    data = encoded(landscape(96, 64), format_name)
    codes = set()
    for _ in range(60):
        damaged = bytearray(data)
        for at in random.integers(0, len(data), 8):
            damaged[at] = random.integers(256)
        try:
            read_photo(bytes(damaged))
        except BadInput as error:
            codes.add(error.code)
    assert codes <= {"broken_picture", "not_a_picture", "picture_too_large", "picture_too_small"}
    assert "broken_picture" in codes
