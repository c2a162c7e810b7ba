"""Continuous batching: one thread steps all songs that have a slot; a waiting song joins between any two steps.

A song leaves when it is finished or cancelled, and its slot is free for the next step. A song's codes do not depend on
the other songs: rows of a batch do not mix, and each song has a random generator of its own.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from pipeline.backends.musicgen.engine import Engine
from pipeline.backends.musicgen.generation_request import GenerationRequest, Window
from pipeline.errors import EngineFailed

log = logging.getLogger(__name__)

CHUNK_FRAMES = 250  # 5 s: codes are delivered in chunks, so that they become sound while the rest is made


@dataclass
class _Slot:
    """A slot in use."""

    song: GenerationRequest
    slot: int
    index: int = 0  # of the song's window
    before: int = 0  # new frames of earlier windows
    opening: Iterator[None] | None = None  # what is left of the prefill

    @property
    def window(self) -> Window:
        return self.song.windows[self.index]


class Scheduler:
    """Owns the engine's thread. `submit` may be called from any thread."""

    def __init__(self, engine: Engine, *, chunk_frames: int = CHUNK_FRAMES) -> None:
        self._engine = engine
        self._chunk = chunk_frames
        self._limit = engine.slots  # shrinks when memory runs out
        self._waiting: deque[GenerationRequest] = deque()
        self._slots: dict[int, _Slot] = {}
        self._served: dict[int | None, int] = {}  # when each listener with a song here last got a slot, in `_admitted`
        self._admitted = 0  # songs so far
        self._wake = threading.Condition()
        self._closing = False
        self.broken = False  # the device is lost: only a new process helps
        self._thread = threading.Thread(target=self._run, name="musicgen", daemon=True)
        self._thread.start()

    def submit(self, song: GenerationRequest) -> None:
        """Queue a song; its codes arrive in `song.out`."""
        with self._wake:
            if self.broken or self._closing:
                song.out.put(EngineFailed("engine_crashed"))
                return
            self._waiting.append(song)
            self._wake.notify()

    def close(self) -> None:
        """Stop after the current step; songs that are not finished fail."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            with torch.inference_mode():
                while self._wait_for_work():
                    self._step()
        except Exception:
            log.exception("the music engine broke")
            self.broken = True
        self._fail_all()

    def _wait_for_work(self) -> bool:
        """Wait for a song; False when the scheduler closes."""
        with self._wake:
            self._wake.wait_for(lambda: self._closing or self._waiting or self._slots)
            return not self._closing

    def _step(self) -> None:
        """Admit waiting songs, prefill a part of one, step all that are ready."""
        self._drop_cancelled()
        while self._admit():
            pass
        try:
            self._prefill()
            ready = [slot for slot, state in self._slots.items() if state.opening is None]
            if ready:
                self._engine.advance(ready)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            self._shrink()
            return
        for slot in ready:
            self._collect(self._slots[slot])

    def _drop_cancelled(self) -> None:
        for slot in [slot for slot, state in self._slots.items() if state.song.unwanted]:
            del self._slots[slot]
        with self._wake:
            self._waiting = deque(song for song in self._waiting if not song.unwanted)

    def _admit(self) -> bool:
        """Give the next song a slot if one is free."""
        with self._wake:
            if not self._waiting or len(self._slots) >= self._limit:
                return False
            song = self._next()
        slot = min(set(range(self._engine.slots)) - set(self._slots))
        state = self._slots[slot] = _Slot(song, slot)
        self._engine.assign(slot, song.settings)
        self._open(state, song.given)
        return True

    def _next(self) -> GenerationRequest:
        """Take the oldest song of the listener with fewest songs in slots; of several, the one served longest ago."""
        listeners = [state.song.listener for state in self._slots.values()]
        song = min(self._waiting, key=lambda song: (listeners.count(song.listener), self._served.get(song.listener, 0)))
        self._waiting.remove(song)
        present = {*listeners, *(song.listener for song in self._waiting)}
        self._served = {listener: when for listener, when in self._served.items() if listener in present}
        self._admitted += 1
        self._served[song.listener] = self._admitted
        return song

    def _open(self, state: _Slot, known: torch.Tensor) -> None:
        conditions = state.song.conditions[state.index]
        state.opening = self._engine.open(state.slot, conditions, codes=known, frames=state.window.frames)

    def _prefill(self) -> None:
        """Prefill one part of one song, so that the others wait for no more than that."""
        for state in self._slots.values():
            if state.opening is not None:
                if next(state.opening, self) is self:
                    state.opening = None
                else:
                    return

    def _collect(self, state: _Slot) -> None:
        """Deliver codes that are complete; at the window's end go on to the next one or finish the song."""
        song, window = state.song, state.window
        complete = min(self._engine.complete(state.slot), window.frames)
        song.made = max(song.made, state.before + max(0, complete - window.known))
        ended = complete == window.frames
        sent = song.delivered - state.before + window.known  # counted in this window
        if complete > sent and (ended or complete - sent >= self._chunk):
            song.out.put(self._engine.codes(state.slot, sent, complete))
            song.delivered += complete - sent
        if ended:
            self._move_on(state)

    def _move_on(self, state: _Slot) -> None:
        song, window = state.song, state.window
        if state.index + 1 == len(song.windows):
            del self._slots[state.slot]
            song.out.put(None)
            return
        state.before += window.frames - window.known
        state.index += 1
        self._open(state, self._engine.codes(state.slot, song.stride, window.frames))

    def _shrink(self) -> None:
        """Out of memory: the newest song loses its slot and starts again later; if it is the only one, it fails.

        The same seed makes the same codes, and those that were delivered are not delivered again.
        """
        state = self._slots.pop(list(self._slots)[-1])
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if not self._slots:
            state.song.out.put(EngineFailed("out_of_memory", seconds=round(state.song.frames / 50)))
            return
        self._limit = max(1, len(self._slots))
        log.warning("out of memory with %d songs; from now on %d at once", self._limit + 1, self._limit)
        with self._wake:
            self._waiting.appendleft(state.song)

    def _fail_all(self) -> None:
        with self._wake:
            self._closing = True
            songs = [state.song for state in self._slots.values()] + list(self._waiting)
            self._slots.clear()
            self._waiting.clear()
        for song in songs:
            song.out.put(EngineFailed("engine_crashed"))


def out_of_memory(error: BaseException) -> bool:
    """Whether torch ran out of the GPU's or the machine's memory."""
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)
