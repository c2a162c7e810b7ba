"""An untrusted recording, from bytes to samples, by ffmpeg in a process of its own. For the music worker."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import numpy as np

from pipeline.errors import BadInput, EngineFailed
from pipeline.values import MAX_DURATION_S, Waveform

RATE = 32_000  # Hz; MusicGen's
TIMEOUT_S = 20.0  # two minutes of any format take less than a second
MEMORY = 256 << 20  # bytes of one block that ffmpeg may allocate, whatever a header says
# No demuxer that follows references (playlists), and no protocol to follow them with. Phones write the index of an m4a
# after its sound: `cache` lets ffmpeg seek back in what came through the pipe, in a file without a name.
_FORMATS = "ogg,mp3,wav,flac,aac,mov,mp4,m4a,matroska,webm"
_GUARDS = ("-protocol_whitelist", "cache,pipe", "-format_whitelist", _FORMATS, "-max_alloc", str(MEMORY))


def read_recording(data: bytes) -> Waveform:
    """Decode the first two minutes to one channel at 32 kHz: at most 15 MB. Blocks.

    Raises BadInput "unreadable_audio" for what is no sound or takes ffmpeg more than 20 s;
    EngineFailed "encoder_missing".
    """
    sink = ("-map", "0:a:0", "-t", f"{MAX_DURATION_S:.0f}", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "pipe:1")
    try:
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-threads",
            "1",
            *_GUARDS,
            "-i",
            "cache:pipe:0",
            *sink,
        ]
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise BadInput("unreadable_audio") from None
    except (RuntimeError, FileNotFoundError):
        raise EngineFailed("encoder_missing") from None
    samples = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], "<f4")
    if not len(samples):
        raise BadInput("unreadable_audio")
    return Waveform(np.array(samples[None], dtype=np.float32), RATE)
