"""The MusicGen Composer. The music worker opens one a process and calls `compose` from a thread for each slot."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.audio.composer import Kind
from pipeline.backends.musicgen import codec, conditions, linears, memory_plan, resampling
from pipeline.backends.musicgen.cuda_graphs import GraphEngine
from pipeline.backends.musicgen.deadline import POLL_S, Deadline
from pipeline.backends.musicgen.engine import Conditions, Engine, SamplingParams
from pipeline.backends.musicgen.generation_request import GenerationRequest, Window, plan_windows
from pipeline.backends.musicgen.loading import Loaded, load
from pipeline.backends.musicgen.network import drop_transformer, read_network
from pipeline.backends.musicgen.scheduler import Scheduler, out_of_memory
from pipeline.brief.prompt import without_avoid
from pipeline.errors import BadInput, EngineFailed
from pipeline.values import MAX_DURATION_S, MIN_DURATION_S, Plan, RenderParams, Waveform

STRIDE_SHARE = 0.6  # each window of a long song starts 18 s after the one before, of 30 s: audiocraft's default
LICENCE = "noncommercial"
LICENCE_NOTE = "AI-generated, non-commercial: made with weights under CC BY-NC 4.0"
LIBRARIES = ("audiocraft", "torch", "transformers")
JOIN_S = 0.02  # crossfade from an earlier song into its continuation


@dataclass(frozen=True)
class Options:
    """How a composer is set up; None leaves the choice to the device's defaults."""

    device: str | None = None
    precision: linears.Precision | None = None
    slots: int | None = None
    timeout_s: float = 1800.0
    negative_prompt: bool = False  # guidance leads away from the brief's "avoid" words instead of from no prompt


def open_composer(model: str, home: Path, options: Options = Options()) -> MusicGenComposer:
    """Load `model` (a name under `home`, or a folder) and start its engine; see `loading.load` for errors."""
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    diffusion = (home / "hub" / "models--facebook--multiband-diffusion").is_dir()
    loaded = load(model, home, device=device, diffusion=diffusion)
    return MusicGenComposer(loaded, options)


class MusicGenComposer:
    """Renders plans, many at once. Thread-safe; `close` it before the process ends."""

    def __init__(self, loaded: Loaded, options: Options = Options()) -> None:
        device = str(next(loaded.codec.parameters()).device)
        precision = linears.precision_for(options.precision, device)
        network = read_network(loaded.lm, precision=precision)
        drop_transformer(loaded.lm)
        memory = memory_plan.plan(
            network,
            frames=int(loaded.window_s * loaded.frame_rate),
            prepended=conditions.prepended_span(loaded),
            precision=precision,
            slots=options.slots,
        )
        build = GraphEngine if device.startswith("cuda") else Engine
        engine = build(
            network, slots=memory.slots, frames=memory.frames, prepended=memory.prepended, precision=precision
        )
        self._loaded, self._options, self._slots = loaded, options, memory.slots
        self._made_on = {"device": device.split(":")[0], "precision": precision}
        if options.negative_prompt:
            self._made_on["steered_from"] = "avoid"
        self._stride_s = loaded.window_s * STRIDE_SHARE
        self._context_s = loaded.window_s - self._stride_s  # of an earlier song that its continuation is based on
        self._scheduler = Scheduler(engine)
        self._one_at_a_time = threading.Lock()  # for T5, chroma and diffusion, whose temporary memory is large

    @property
    def name(self) -> str:
        return self._loaded.name

    @property
    def kind(self) -> Kind:
        return "generative"

    @property
    def slots(self) -> int:
        return self._slots

    @property
    def made_with(self) -> Mapping[str, str]:
        libraries = {library: version(library) for library in LIBRARIES}
        return {**libraries, **self._made_on, "revision": self._loaded.revision}

    @property
    def licence(self) -> str:
        return LICENCE

    @property
    def licence_note(self) -> str:
        return LICENCE_NOTE

    @property
    def takes_melody(self) -> bool:
        """Whether the model follows a melody."""
        return self._loaded.melody

    @property
    def can_extend(self) -> bool:
        return True

    @property
    def broken(self) -> bool:
        """Whether the device is lost: this process must end, and the next one renders the song."""
        return self._scheduler.broken

    def close(self) -> None:
        """Stop the engine; unfinished songs fail with "engine_crashed" and may be tried again."""
        self._scheduler.close()

    def compose(
        self,
        plan: Plan,
        *,
        melody: Waveform | None = None,
        extend: Waveform | None = None,
        listener: int | None = None,
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Waveform:
        """Render the plan; with `extend`, an earlier song, go on from its end until the plan's duration.

        Songs of different listeners take turns. Raises Cancelled, BadInput ("bad_duration",
        "decoder_unknown", "melody_unsupported", "melody_silent", "melody_too_short", "extend_too_short"),
        EngineFailed ("out_of_memory", "engine_crashed", "decoder_missing", "render_timeout").
        """
        params = plan.params
        self._check(params, melody)
        deadline = Deadline(cancelled, time.monotonic() + self._options.timeout_s)
        deadline.check()
        try:
            with torch.no_grad():  # set for each thread; without it torch's LSTM computes other numbers
                with deadline.hold(self._one_at_a_time):
                    song = self._prepare(plan, melody, extend, listener, cancelled)
                samples = self._generate(song, params, on_progress, deadline)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            if torch.cuda.is_available():
                torch.cuda.empty_cache()  # so that a shorter song can be tried
            raise EngineFailed("out_of_memory", seconds=round(params.duration_s)) from error
        on_progress(1.0)
        waveform = Waveform(_clipped(samples), self._loaded.sample_rate)
        if extend is None:
            return waveform
        return resampling.join(extend, waveform, context_s=self._context_s, seam_s=JOIN_S)

    def _check(self, params: RenderParams, melody: Waveform | None) -> None:
        if not MIN_DURATION_S <= params.duration_s <= MAX_DURATION_S:
            raise BadInput("bad_duration", low=int(MIN_DURATION_S), high=int(MAX_DURATION_S))
        if params.decoder not in ("default", "mbd"):
            raise BadInput("decoder_unknown", decoder=params.decoder[:20])
        if params.decoder == "mbd" and self._loaded.diffusion is None:
            raise EngineFailed("decoder_missing")
        if melody is not None:
            if not self._loaded.melody:
                raise BadInput("melody_unsupported")
            resampling.check_melody(melody)

    def _prepare(
        self,
        plan: Plan,
        melody: Waveform | None,
        extend: Waveform | None,
        listener: int | None,
        cancelled: Callable[[], bool],
    ) -> GenerationRequest:
        """Encode a song's conditions: the prompt, the melody and the song that it continues."""
        params, loaded, stride_s = plan.params, self._loaded, self._stride_s
        given, duration_s = self._given(params, extend)
        windows = plan_windows(
            duration_s,
            given=given.shape[1],
            frame_rate=loaded.frame_rate,
            window_s=loaded.window_s,
            stride_s=stride_s,
        )
        avoid = ", ".join(plan.brief.avoid) if self._options.negative_prompt else ""
        tune = None if melody is None else resampling.convert(melody, rate=loaded.sample_rate, channels=1)
        return GenerationRequest(
            settings=SamplingParams(params.seed, params.top_k, params.top_p, params.temperature, params.cfg_coef),
            windows=windows,
            conditions=self._conditions(without_avoid(plan.prompt), avoid, tune, windows, duration_s),
            given=given,
            stride=int(loaded.frame_rate * stride_s),
            listener=listener,
            cancelled=cancelled,
        )

    def _given(self, params: RenderParams, extend: Waveform | None) -> tuple[Tensor, float]:
        """Encode the end of an earlier song; also give the new song's duration, counted from there."""
        loaded = self._loaded
        if extend is None:
            device = next(loaded.codec.parameters()).device
            return torch.zeros(loaded.lm.n_q, 0, dtype=torch.long, device=device), params.duration_s
        if params.duration_s < extend.duration_s + 1:
            raise BadInput("extend_too_short", seconds=round(extend.duration_s) + 1)
        earlier = resampling.convert(extend, rate=loaded.sample_rate, channels=loaded.channels)
        tail = earlier[:, -int(self._context_s * loaded.sample_rate) :]
        left_out_s = (earlier.shape[1] - tail.shape[1]) / loaded.sample_rate
        return codec.encode(loaded.codec, tail), params.duration_s - left_out_s

    def _conditions(
        self, text: str, avoid: str, tune: Tensor | None, windows: tuple[Window, ...], duration_s: float
    ) -> list[Conditions]:
        """Encode the conditions of each window: the prompt is the same in all, the melody goes on and repeats."""
        loaded = self._loaded
        if tune is None or duration_s <= loaded.window_s:
            return [conditions.encode(loaded, text, avoid=avoid, melody=tune)] * len(windows)
        span = torch.arange(int(loaded.window_s * loaded.sample_rate))
        starts = [int(window.start_s * loaded.sample_rate) for window in windows]
        parts = [tune[:, (start + span) % tune.shape[1]] for start in starts]
        return [conditions.encode(loaded, text, avoid=avoid, melody=part) for part in parts]

    def _generate(
        self, song: GenerationRequest, params: RenderParams, on_progress: Callable[[float], None], deadline: Deadline
    ) -> Tensor:
        """Submit the song and decode its codes as they arrive: [channels, samples]."""
        decoder, is_plain = codec.ChunkDecoder(self._loaded.codec), params.decoder == "default"
        arrived, decoded = [song.given], [decoder.feed(song.given)] if is_plain and song.given.shape[1] else []
        self._scheduler.submit(song)
        try:
            for codes in self._codes(song, on_progress, deadline):
                arrived.append(codes)
                if is_plain:
                    decoded.append(decoder.feed(codes))
        finally:
            song.dropped.set()  # frees its slot, also after an error
        if is_plain:
            return torch.cat([*decoded, decoder.finish()], dim=1)
        with deadline.hold(self._one_at_a_time):
            known = [codes.to(arrived[-1].device) for codes in arrived]
            diffusion, whole = self._loaded.diffusion, torch.cat(known, dim=1)
            return codec.diffuse(diffusion, self._loaded.codec, whole, seed=params.seed, check=deadline.check)

    def _codes(
        self, song: GenerationRequest, on_progress: Callable[[float], None], deadline: Deadline
    ) -> Iterator[Tensor]:
        """Yield a song's codes as the scheduler delivers them; raise what ended it early."""
        while True:
            deadline.check()
            on_progress(min(0.99, song.made / song.frames))
            try:
                item = song.out.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item


def _clipped(samples: Tensor) -> Any:
    return np.clip(samples.numpy(), -1.0, 1.0).astype(np.float32)
