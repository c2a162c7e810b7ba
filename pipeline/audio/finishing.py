"""From an engine's sound to a song's file: ending, loudness, mp3, tags, picture.

Called by the music worker, in a thread: it blocks for about a second per minute of sound.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from pipeline.audio import mp3
from pipeline.audio.ending import ended
from pipeline.audio.loudness import (
    CEILING_DBTP,
    SILENT_LUFS,
    TARGET_LUFS,
    integrated_lufs,
    levelled,
    peak_dbtp,
    without_offset,
)
from pipeline.audio.recipe_tag import write_recipe
from pipeline.audio.waveform_picture import waveform_png
from pipeline.errors import EngineFailed
from pipeline.values import Plan, Waveform

SHORTEST_S = 1.0  # an engine that returns less than this has failed
_CLOSE_LU = 0.5
_ENCODER_LOSS_DB = 0.26  # lame scales by 0.97
_SPARE_DB = 0.1  # other true peak meters may read so much more
_OVERSHOOT_DB = 0.4  # what 192 kbit/s adds to the peaks of most limited music
_ENCODINGS = 4  # music needs one, noise bursts three; each takes 15 ms per second of song


@dataclass(frozen=True, slots=True)
class FinishedSong:
    """A song ready to be stored and sent. Measurements are of the decoded mp3, which listeners get."""

    mp3: bytes  # 192 kbit/s with ID3 tags, the recipe among them
    waveform_png: bytes
    duration_s: float
    sample_rate: int
    channels: int
    md5: str  # of `mp3`, tags included: names the file
    audio_md5: str  # of the mp3's audio frames alone: equal where two songs sound the same (mp3.audio_md5)
    loudness_lufs: float
    true_peak_dbtp: float


def finish(
    sound: Waveform, plan: Plan, *, title: str, artist: str, engine: str, licence_note: str | None = None
) -> FinishedSong:
    """Master, encode, tag and draw a song: −14 LUFS ± 1 and at most −1 dBTP, also after decoding.

    Sound is mono or stereo, at least 1 s. A song of single clicks in silence stays below −14 LUFS, so that its
    peaks keep the limit. The same arguments give the same bytes. Raises EngineFailed "silent_song" (also
    for samples that are no numbers), "short_song" (seconds) and what `mp3.encode` raises.
    """
    _check(sound)
    song = ended(without_offset(_at_mp3_rate(sound)), planned_s=plan.params.duration_s)
    own_lufs = integrated_lufs(song)
    if own_lufs < SILENT_LUFS:
        raise EngineFailed("silent_song")
    master, encoded, loudness, peak = _mastered(song, own_lufs=own_lufs)
    tagged = write_recipe(encoded, plan, title=title, artist=artist, engine=engine, licence_note=licence_note)
    return FinishedSong(
        mp3=tagged,
        waveform_png=waveform_png(master, plan, title=title, engine=engine),
        duration_s=master.duration_s,
        sample_rate=master.sample_rate,
        channels=master.channels,
        md5=hashlib.md5(tagged, usedforsecurity=False).hexdigest(),
        audio_md5=mp3.audio_md5(tagged),
        loudness_lufs=loudness,
        true_peak_dbtp=peak,
    )


def _mastered(song: Waveform, *, own_lufs: float) -> tuple[Waveform, bytes, float, float]:
    """Level and encode until the decoded mp3 keeps both limits: encoding moves loudness and grows peaks.

    Returns the master, its mp3, and LUFS and dBTP of that mp3 decoded.
    """
    lufs, ceiling_db = TARGET_LUFS + _ENCODER_LOSS_DB, CEILING_DBTP - _SPARE_DB - _OVERSHOOT_DB
    for _ in range(_ENCODINGS):
        master, reached = levelled(song, lufs=lufs, ceiling_db=ceiling_db, own_lufs=own_lufs)
        encoded = mp3.encode(master)
        decoded = mp3.decode(encoded)
        loudness, peak = integrated_lufs(decoded), peak_dbtp(decoded)
        lost = reached - loudness  # against what was reached: clicks cannot reach the target
        over = peak - (CEILING_DBTP - _SPARE_DB)
        if over <= 0 and abs(TARGET_LUFS + lost - lufs) <= _CLOSE_LU:
            break
        lufs = TARGET_LUFS + lost
        if over > 0:
            ceiling_db -= 0.7 * over + 0.1  # the encoder adds less to peaks that are limited more
    return master, encoded, loudness, peak


def _check(sound: Waveform) -> None:
    if sound.duration_s < SHORTEST_S:
        raise EngineFailed("short_song", seconds=round(sound.duration_s, 2))
    if not np.isfinite(sound.samples).all():
        raise EngineFailed("silent_song")


def _at_mp3_rate(sound: Waveform) -> Waveform:
    """Resample what mp3 cannot hold at 192 kbit/s; 32, 44.1 and 48 kHz stay as they are."""
    if sound.sample_rate in mp3.MP3_RATES:
        return sound
    samples = resample_poly(sound.samples, 44_100, sound.sample_rate, axis=1)
    return Waveform(samples.astype(np.float32), 44_100)
