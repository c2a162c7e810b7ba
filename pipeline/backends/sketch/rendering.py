"""Plays a Score's tracks on General MIDI sounds (TinySoundFont) into one stereo stem each."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tinysoundfont
from numpy.typing import NDArray

from pipeline.backends.sketch.score import Track
from pipeline.errors import Cancelled, EngineFailed

SAMPLE_RATE = 44_100  # Hz
_CHUNK = SAMPLE_RATE // 2  # frames between two looks at `cancelled`: about 5 ms of work
_CHANNEL, _DRUM_CHANNEL, _DRUM_BANK = 0, 9, 128
_GAIN_DB = -6.0


def find_soundfont() -> Path:
    """The General MIDI SoundFont that pretty_midi's wheel carries, found without importing it.

    Raises EngineFailed("soundfont_missing").
    """
    spec = importlib.util.find_spec("pretty_midi")
    path = Path(spec.origin).with_name("TimGM6mb.sf2") if spec and spec.origin else None
    if path is None or not path.is_file():
        raise EngineFailed("soundfont_missing")
    return path


class Player:
    """One synthesizer; of its song alone, because it keeps the state of its channels."""

    def __init__(self, soundfont: Path) -> None:
        self._synth = tinysoundfont.Synth(gain=_GAIN_DB, samplerate=SAMPLE_RATE)
        try:
            self._font = self._synth.sfload(str(soundfont), max_voices=160)
        except (RuntimeError, OSError) as error:
            raise EngineFailed("soundfont_broken") from error

    def play(self, track: Track, frames: int, *, cancelled: Callable[[], bool]) -> NDArray[np.float32]:
        """Render one track dry and centred: [2, frames]. Raises Cancelled."""
        channel = _DRUM_CHANNEL if track.is_drums else _CHANNEL
        bank = _DRUM_BANK if track.is_drums else 0
        self._synth.program_select(channel, self._font, bank, track.program, track.is_drums)
        sound = bytearray(frames * 8)  # interleaved float32
        window = memoryview(sound)
        done = 0
        for frame, on, pitch, velocity in _events(track, frames):
            done = self._advance(window, done, frame, cancelled)
            if on:
                self._synth.noteon(channel, pitch, velocity)
            else:
                self._synth.noteoff(channel, pitch)
        self._advance(window, done, frames, cancelled)
        self._synth.sounds_off(channel)
        self._synth.generate(SAMPLE_RATE // 20)  # lets the cut voices end before the next track
        return np.frombuffer(sound, dtype=np.float32).reshape(-1, 2).T

    def _advance(self, window: memoryview, start: int, stop: int, cancelled: Callable[[], bool]) -> int:
        while start < stop:
            if cancelled():
                raise Cancelled
            count = min(_CHUNK, stop - start)
            self._synth.generate_simple(count, buffer=window[start * 8 : (start + count) * 8])
            start += count
        return start


def _events(track: Track, frames: int) -> Iterator[tuple[int, bool, int, int]]:
    """Key events in order of time: (frame, pressed, pitch, velocity); releases first where they meet."""
    events: list[tuple[int, bool, int, int]] = []
    sounding: dict[int, int] = {}  # pitch → index of its release in events
    for note in track.notes:
        start, end = int(note.start_s * SAMPLE_RATE), int(note.end_s * SAMPLE_RATE)
        if start >= frames:
            continue
        last = sounding.get(note.pitch)
        if last is not None and events[last][0] > start:
            events[last] = (start, False, note.pitch, 0)  # struck again before it was let go
        events.append((start, True, note.pitch, note.velocity))
        if not track.is_drums:  # percussion rings out by itself
            sounding[note.pitch] = len(events)
            events.append((min(end, frames), False, note.pitch, 0))
    return iter(sorted(events))
