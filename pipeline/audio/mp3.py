"""Sound to mp3 and back with the ffmpeg that imageio-ffmpeg brings; the one home of pydub. For finishing.

No name, title or other text of a user reaches a command line here: only numbers and our own words do.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from traceback import walk_tb

import imageio_ffmpeg
import numpy as np
from mutagen.id3 import BitPaddedInt

from pipeline.errors import BadInput, EngineFailed
from pipeline.values import Waveform

with warnings.catch_warnings():
    # pydub looks for an ffmpeg on the PATH while it is imported, imports audioop and holds stray escapes; all
    # three raise warnings. None matters: the binary is named below, audioop-lts follows audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import CouldntEncodeError

MP3_RATES = (32_000, 44_100, 48_000)  # Hz; the only ones at which mp3 has 192 kbit/s
BITRATES_KBPS = (320, 256, 224, 192, 160, 128, 112, 96, 80, 64, 48, 32)
TIMEOUT_S = 60.0  # 120 s of stereo take about 2 s on one slow core
_LONGEST_S = 600  # nothing here is longer; bounds what a hostile file can unfold to
_TAG_HEADER = 10  # bytes: "ID3", version, flags, four times 7 bits of size
# No encoder name, no date, no tags: the same sound gives the same bytes.
_PLAIN = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-id3v2_version", "0"]


def encode(sound: Waveform, *, kbps: int = 192, timeout_s: float = TIMEOUT_S) -> bytes:
    """Encode at a constant bitrate, without tags. Blocks; one core for about 1/60 of the sound's length.

    Raises EngineFailed "encoder_slow" (timeout_s), "encoder_failed" or "encoder_missing".
    """
    segment = AudioSegment(
        data=pcm16(sound).tobytes(), sample_width=2, frame_rate=sound.sample_rate, channels=sound.channels
    )
    segment.converter = _ffmpeg()  # on the instance: the class is everybody's
    # pydub waits for ffmpeg without end. Its own limit of CPU seconds ends ffmpeg, ours ends the waiting.
    options = [*_PLAIN, "-threads", "1", "-timelimit", str(int(timeout_s) + 1)]
    try:
        return _within(timeout_s, lambda: _exported(segment, kbps=kbps, options=options))
    except TimeoutError:
        raise EngineFailed("encoder_slow", timeout_s=timeout_s) from None
    except FileNotFoundError:
        raise EngineFailed("encoder_missing") from None
    except (CouldntEncodeError, OSError):
        raise EngineFailed("encoder_failed") from None  # pydub's message holds temporary paths


def decode(audio: bytes, *, timeout_s: float = TIMEOUT_S) -> Waveform:
    """Decode mp3 or wav bytes to float samples, peaks above 1 included.

    Raises BadInput "unreadable_audio" for other bytes, EngineFailed "encoder_slow" or "encoder_missing".
    """
    # Sun audio is the one simple float format whose header is right without seeking back in the pipe.
    sink = ["-map", "0:a:0", "-t", str(_LONGEST_S), "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
    source = ["-v", "error", "-protocol_whitelist", "pipe", "-i", "pipe:0"]
    command = [_ffmpeg(), *source, *sink]
    try:
        done = subprocess.run(command, input=audio, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise EngineFailed("encoder_slow", timeout_s=timeout_s) from None
    except FileNotFoundError:
        raise EngineFailed("encoder_missing") from None
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
    """Make mp3 or wav bytes fit an upload limit at the highest bitrate that does, an mp3's tags kept.

    Bytes of an mp3 that fit come back as they are. Raises BadInput "song_too_large" (max_kb) when even
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
            if len(smaller) <= room:  # padding frames can tip it over
                return tag + smaller
    raise BadInput("song_too_large", max_kb=max_bytes // 1024)


def audio_md5(mp3: bytes) -> str:
    """Hash the mp3's audio frames without its ID3v2 tag, in hexadecimal.

    Two songs sound the same, sample for sample, when these are equal: titles and recipes do not count, every
    audible bit does. A stored file is enough to work it out.
    """
    return hashlib.md5(memoryview(mp3)[tag_length(mp3) :], usedforsecurity=False).hexdigest()


def tag_length(mp3: bytes) -> int:
    """Count the bytes of the leading ID3v2 tag; 0 without one."""
    if len(mp3) < _TAG_HEADER or mp3[:3] != b"ID3":
        return 0
    return min(len(mp3), _TAG_HEADER + int(BitPaddedInt(mp3[6:10])))


def _exported(segment: AudioSegment, *, kbps: int, options: list[str]) -> bytes:
    try:
        return bytes(segment.export(io.BytesIO(), "mp3", bitrate=f"{kbps}k", parameters=options).read())
    except (CouldntEncodeError, OSError) as failure:
        # pydub then leaves its two temporary files behind, the song in them; only its frame knows them.
        for frame, _ in walk_tb(failure.__traceback__):
            for file in (frame.f_locals.get("data"), frame.f_locals.get("output")):
                if file is not None and hasattr(file, "close") and hasattr(file, "name"):
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
        raise


def _ffmpeg() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise EngineFailed("encoder_missing") from None


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Do the work in a thread of its own, waiting for it so long and no longer."""
    future: Future[bytes] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as failure:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(failure)

    Thread(target=run, name="mp3-encoder", daemon=True).start()
    return future.result(timeout=seconds)
