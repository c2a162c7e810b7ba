"""One whole song from words to sound, as the music worker makes it: chunks are decoded while others are made."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from bench.musicgen_decoders import FRAME_RATE, SIZES, TOKENS, random_network, settle
from pipeline.backends.musicgen import linears, speed
from pipeline.backends.musicgen.codec import ChunkDecoder
from pipeline.backends.musicgen.cuda_graphs import GraphEngine
from pipeline.backends.musicgen.engine import Conditions, Engine, SamplingParams
from pipeline.backends.musicgen.generation_request import GenerationRequest, plan_windows
from pipeline.backends.musicgen.scheduler import Scheduler

WINDOW_S = 30.0
STRIDE_S = 18.0


def whole_song(size: str, precision: linears.Precision, *, device: str, seconds: int, alone: bool) -> dict[str, Any]:
    """Seconds until a song's words are read, its codes are made and, unless `alone`, all of it is sound."""
    encoder, codec = (None, None) if alone else (build_encoder(device), build_codec(device))
    scheduler = Scheduler(warm_engine(size, precision, device=device, frames=int(min(seconds, WINDOW_S) * FRAME_RATE)))
    try:
        started = time.perf_counter()
        song = make_song(encoder, SIZES[size].dim, device=device, seconds=seconds)
        read = time.perf_counter() - started
        scheduler.submit(song)
        follow(song, None if codec is None else ChunkDecoder(codec))
        done = time.perf_counter() - started
    finally:
        scheduler.close()
    whole = {"size": size, "precision": precision, "song_s": seconds, "words_s": read, "end_to_end_s": done}
    return {**whole, "sound": not alone}


def warm_engine(size: str, precision: linears.Precision, *, device: str, frames: int) -> Engine:
    """An engine for one song that has compiled what it will run; a GPU records its graphs on the way."""
    build = GraphEngine if device == "cuda" else Engine
    engine = build(random_network(SIZES[size], precision, device), slots=1, frames=frames, precision=precision)
    speed.fill(engine, [0], past=0, steps=frames, tokens=TOKENS)
    speed.step_times(engine, [0], 1)
    return engine


def make_song(encoder: Any, dim: int, *, device: str, seconds: int) -> GenerationRequest:
    states = torch.randn(2, TOKENS, dim, device=device)
    if encoder is not None:  # its width is not the decoder's; what it takes is the time
        encoder(input_ids=torch.randint(0, 32000, (2, TOKENS), device=device))
    states[1] = 0
    windows = plan_windows(seconds, given=0, frame_rate=FRAME_RATE, window_s=WINDOW_S, stride_s=STRIDE_S)
    nothing = torch.zeros(4, 0, dtype=torch.long, device=device)
    conditions = [Conditions(prompt=states, prepended=None)] * len(windows)
    return GenerationRequest(SamplingParams(seed=1), windows, conditions, nothing, stride=int(STRIDE_S * FRAME_RATE))


def follow(song: GenerationRequest, decoder: ChunkDecoder | None) -> None:
    """Take a song's codes until its end, and turn them into sound as they come."""
    codes: Tensor | Exception | None
    while (codes := song.out.get()) is not None:
        if isinstance(codes, Exception):
            raise codes
        settle(codes.device)
        if decoder is not None:
            decoder.feed(codes)
    if decoder is not None:
        decoder.finish()


def build_encoder(device: str) -> Any:
    """T5's encoder in t5-base's sizes, 110 million random weights."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(vocab_size=32128, d_model=768, d_kv=64, d_ff=3072, num_layers=12, num_heads=12)
    model: Any = T5EncoderModel(config)
    return model.to(device).eval().requires_grad_(requires_grad=False)


def build_codec(device: str) -> Any:
    """EnCodec as published with MusicGen: 64 filters, 128 dimensions, two LSTM layers; random weights."""
    from audiocraft.models.encodec import EncodecModel
    from audiocraft.modules.seanet import SEANetDecoder, SEANetEncoder
    from audiocraft.quantization import ResidualVectorQuantizer

    shape: dict[str, Any] = {
        "dimension": 128, "n_filters": 64, "ratios": [8, 5, 4, 4], "lstm": 2, "norm": "weight_norm",
        "pad_mode": "constant",
    }  # fmt: skip
    quantizer = ResidualVectorQuantizer(dimension=128, n_q=4, bins=2048, kmeans_init=False)
    model = EncodecModel(
        SEANetEncoder(**shape), SEANetDecoder(**shape), quantizer, frame_rate=FRAME_RATE, sample_rate=32000, channels=1
    )
    return model.to(device).eval().requires_grad_(requires_grad=False)
