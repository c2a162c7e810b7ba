"""Loads a MusicGen checkpoint with audiocraft's own code, once a process, from local files.

A weights home holds `<model>/state_dict.bin` and `<model>/compression_state_dict.bin` for each model, and
`hub/`, a Hugging Face cache with T5, EnCodec, demucs and MultiBandDiffusion. `fetching` fills it.
"""

from __future__ import annotations

import logging
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.backends.musicgen import audiocraft_compat, weights
from pipeline.errors import EngineFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """A checkpoint in memory. `lm` and `codec` are audiocraft's LMModel and CompressionModel."""

    name: str  # "musicgen-small": what captions and tags show
    lm: Any
    codec: Any
    diffusion: Any  # audiocraft's MultiBandDiffusion, or None
    window_s: float  # the longest stretch that the model generates at once, 30 s for the published ones
    melody: bool  # whether it takes a melody
    revision: str = "local"  # the commit it was fetched from; "local" for an operator's own folder

    @property
    def frame_rate(self) -> int:
        """Steps of the decoder for a second of sound, 50 for the published models."""
        return int(self.codec.frame_rate)

    @property
    def sample_rate(self) -> int:
        return int(self.codec.sample_rate)

    @property
    def channels(self) -> int:
        return int(self.codec.channels)


def load(model: str, home: Path, *, device: str = "cpu", diffusion: bool = False) -> Loaded:
    """Load `model`, a name under `home` or a folder.

    Raises EngineFailed "music_weights_missing" where a file is absent, "music_weights_unsafe" where one contains code,
    "music_weights_broken" where one cannot be read.
    """
    folder = Path(model) if Path(model).is_dir() else home / model
    for file in ("state_dict.bin", "compression_state_dict.bin"):
        if not (folder / file).is_file():
            raise EngineFailed("music_weights_missing", model=folder.name)
    audiocraft_compat.register_stubs()
    audiocraft_compat.stay_offline(home / "hub")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # audiocraft and torch call deprecated functions
        try:
            return _load(folder, device, diffusion=diffusion)
        except pickle.UnpicklingError as refused:  # torch's weights_only reader found more than tensors
            raise EngineFailed("music_weights_unsafe", model=folder.name) from refused
        except (OSError, KeyError, RuntimeError, EOFError) as broken:
            raise EngineFailed("music_weights_broken", model=folder.name) from broken


def _load(folder: Path, device: str, *, diffusion: bool) -> Loaded:
    from audiocraft.models import MusicGen
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = MusicGen.get_pretrained(str(folder), device=device)
    model.lm.requires_grad_(requires_grad=False)
    model.compression_model.requires_grad_(requires_grad=False)
    loaded = Loaded(
        name=display_name(folder.name),
        lm=model.lm,
        codec=model.compression_model,
        diffusion=_diffusion(model.compression_model, device) if diffusion else None,
        window_s=float(model.max_duration),
        melody="self_wav" in model.lm.condition_provider.conditioners,
        revision=weights.revision(folder),
    )
    if loaded.melody:
        audiocraft_compat.fix_demucs_shift()
    log.info("%s is loaded on %s", loaded.name, device)
    return loaded


def display_name(folder: str) -> str:
    """Give "musicgen-small" for "small"; a folder whose name begins with "musicgen" keeps it."""
    return folder if folder.startswith("musicgen") else f"musicgen-{folder}"


def _diffusion(codec: Any, device: str) -> Any:
    """Read MultiBandDiffusion's checkpoint, which holds OmegaConf objects beside its tensors."""
    from audiocraft.models import multibanddiffusion as mbd

    with torch.serialization.safe_globals(_config_classes()):
        models, processors, configs = mbd.load_diffusion_models(
            "facebook/multiband-diffusion", filename="mbd_musicgen_32khz.th", device=device
        )
    bands = []
    for model, processor, config in zip(models, processors, configs, strict=True):
        schedule = mbd.NoiseSchedule(**config.schedule, sample_processor=processor, device=device)
        bands.append(mbd.DiffusionProcess(model=model.eval(), noise_schedule=schedule))
    mono = codec.model if hasattr(codec, "get_left_right_codes") else codec
    return mbd.MultiBandDiffusion(DPs=bands, codec_model=mono)


def _config_classes() -> list[Any]:
    """List the classes that OmegaConf pickles; unpickling them runs no code of the file."""
    import collections
    import typing

    from omegaconf import DictConfig, ListConfig, base, nodes

    return [
        DictConfig, ListConfig, base.ContainerMetadata, base.Metadata, nodes.AnyNode, typing.Any,
        dict, list, int, float, str, collections.defaultdict,
    ]  # fmt: skip
