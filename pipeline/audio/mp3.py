"""Sound to mp3 and back with the ffmpeg that imageio-ffmpeg brings; the only module that uses pydub. For finishing.

No name, title or other text of a user reaches a command line here: only numbers and constants do.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import tempfile
import warnings
from typing import IO

import imageio_ffmpeg
import numpy as np
from mutagen.id3 import BitPaddedInt

from pipeline.errors import BadInput, EngineFailed
from pipeline.values import Waveform

with warnings.catch_warnings():
    # pydub looks for an ffmpeg on the PATH while it is imported, imports audioop and holds stray escapes; all
    # three raise warnings. None matters: pydub only writes wav here, and audioop-lts follows audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

MP3_RATES = (32_000, 44_100, 48_000)  # Hz; the only ones at which mp3 has 192 kbit/s
BITRATES_KBPS = (320, 256, 224, 192, 160, 128, 112, 96, 80, 64, 48, 32)
TIMEOUT_S = 60.0  # 120 s of stereo take about 2 s on one slow core
_LONGEST_S = 600  # no sound here is longer; bounds the memory that a hostile file can take
_TAG_HEADER = 10  # bytes: "ID3", version, flags, four times 7 bits of size
# No encoder name, no date, no tags: the same sound gives the same bytes.
_PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-id3v2_version", "0")


def encode(sound: Waveform, *, kbps: int = 192, timeout_s: float = TIMEOUT_S) -> bytes:
    """Encode at a constant bitrate, without tags. Blocks; one core for about 1/60 of the sound's length.

    Raises EngineFailed "encoder_slow" (timeout_s), "encoder_failed" or "encoder_missing".
    """
    source = ("-f", "s16le", "-ar", str(sound.sample_rate), "-ac", str(sound.channels), "-i", "pipe:0")
    # At the end ffmpeg writes the number of frames into the first one: it can seek back in a file, not in a pipe.
    # This file has no name, so nothing is left of it however this process or ffmpeg ends.
    sink = ("-b:a", f"{kbps}k", *_PLAIN, "-threads", "1", "-f", "mp3", "-y", "/dev/fd/1")
    try:
        with tempfile.TemporaryFile() as file:
            done = _run_ffmpeg(*source, *sink, data=pcm16(sound).tobytes(), stdout=file, timeout_s=timeout_s)
            file.seek(0)
            encoded = file.read()
    except OSError:
        raise EngineFailed("encoder_failed") from None
    if done.returncode != 0 or not encoded:
        raise EngineFailed("encoder_failed")
    return encoded


def decode(audio: bytes, *, timeout_s: float = TIMEOUT_S) -> Waveform:
    """Decode mp3 or wav bytes to float samples, peaks above 1 included.

    Raises BadInput "unreadable_audio" for other bytes, EngineFailed "encoder_slow" or "encoder_missing".
    """
    # Of the simple float formats only Sun audio has a header that ffmpeg need not seek back to complete.
    sink = ("-map", "0:a:0", "-t", str(_LONGEST_S), "-c:a", "pcm_f32be", "-f", "au", "pipe:1")
    done = _run_ffmpeg("-protocol_whitelist", "pipe", "-i", "pipe:0", *sink, data=audio, timeout_s=timeout_s)
    if done.returncode != 0 or len(done.stdout) < 24:
        raise BadInput("unreadable_audio")
    start, _, _, rate, channels = (int(word) for word in np.frombuffer(done.stdout, ">u4", count=5, offset=4))
    samples = np.frombuffer(done.stdout, ">f4", offset=start).reshape(-1, channels).T
    return Waveform(np.ascontiguousarray(samples, dtype=np.float32), rate)


def wav(sound: Waveform) -> bytes:
    """Write 16-bit PCM in a wav container."""
    segment = AudioSegment(
        data=pcm16(sound).tobytes(), sample_width=2, frame_rate=sound.sample_rate, channels=sound.channels
    )
    return bytes(segment.export(io.BytesIO(), "wav").read())


def pcm16(sound: Waveform) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Round to 16 bits, clipped, frames first: shape [frames, channels]."""
    return np.ascontiguousarray(np.rint(np.clip(sound.samples.T, -1, 1) * 32767).astype("<i2"))


def reencode(audio: bytes, *, max_bytes: int) -> bytes:
    """Encode mp3 or wav bytes at the highest bitrate that fits an upload limit; an mp3 keeps its tags.

    An mp3 that fits is returned as it is. Raises BadInput "song_too_large" (max_kb) when even
    32 kbit/s do not fit, and what `encode` and `decode` raise.
    """
    is_wav = audio[:4] == b"RIFF"
    if len(audio) <= max_bytes and not is_wav:
        return audio
    tag = b"" if is_wav else audio[: tag_length(audio)]
    sound = decode(audio)
    room = max_bytes - len(tag)
    for kbps in BITRATES_KBPS:
        if kbps * 125 * sound.duration_s <= room:
            smaller = encode(sound, kbps=kbps)
            if len(smaller) <= room:  # padding frames can make it too large
                return tag + smaller
    raise BadInput("song_too_large", max_kb=max_bytes // 1024)


def audio_md5(mp3: bytes) -> str:
    """Hash the mp3's audio frames without its ID3v2 tag, in hexadecimal.

    Two songs with the same hash sound the same, sample for sample, whatever their titles and recipes. A stored file is
    enough to compute it.
    """
    return hashlib.md5(memoryview(mp3)[tag_length(mp3) :], usedforsecurity=False).hexdigest()


def tag_length(mp3: bytes) -> int:
    """Count the bytes of the leading ID3v2 tag; 0 without one."""
    if len(mp3) < _TAG_HEADER or mp3[:3] != b"ID3":
        return 0
    return min(len(mp3), _TAG_HEADER + int(BitPaddedInt(mp3[6:10])))


def _run_ffmpeg(
    *options: str, data: bytes, timeout_s: float, stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg on data; it is killed at the time-out. Raises EngineFailed "encoder_slow" or "encoder_missing"."""
    try:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *options]
        return subprocess.run(  # noqa: S603
            command, input=data, stdout=stdout, stderr=subprocess.DEVNULL, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineFailed("encoder_slow", timeout_s=timeout_s) from None
    except (RuntimeError, FileNotFoundError):
        raise EngineFailed("encoder_missing") from None
