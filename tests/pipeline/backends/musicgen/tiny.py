"""Makes tiny checkpoints in audiocraft's own format: a weights home with models, T5, demucs and diffusion.

Weights are random and seeded; everything but the sizes is as in the published files, so `MusicGen.get_pretrained`
loads them. One home of all models takes a few seconds and 5 MB.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.backends.musicgen import audiocraft_compat

CORPUS = """warm lofi piano with soft drums and vinyl noise
bright happy pop with claps, bass guitar and a catchy lead
slow sad strings in a minor key, wide reverb, no drums
energetic techno with a driving kick, acid bass and hats
calm ambient pads, gentle bells, quiet and spacious mood
angry metal with fast double kick and distorted guitars
"""


@dataclass(frozen=True)
class Size:
    """How big a test model is."""

    dim: int = 32
    layers: int = 2
    heads: int = 4
    card: int = 64
    window_s: float = 30.0  # audiocraft refuses less than 18


TINY = Size()
MINI = Size(dim=256, layers=6, heads=8, card=256)
SMALL = Size(dim=1024, layers=24, heads=16, card=2048)


def make_home(home: Path) -> None:
    """Write T5, demucs and diffusion into the hub cache of `home`."""
    audiocraft_compat.register_stubs()
    audiocraft_compat.stay_offline(home / "hub")
    _make_t5(_snapshot(home, "t5-small"))
    _make_demucs(_snapshot(home, "adefossez/HTDemucs"))
    _make_diffusion(_snapshot(home, "facebook/multiband-diffusion"))


def make_model(
    home: Path, name: str, *, size: Size = TINY, stereo: bool = False, melody: bool = False, seed: int = 7
) -> Path:
    """Write a model folder that `load(name, home)` finds; needs `make_home` first."""
    from audiocraft.models import builders
    from omegaconf import OmegaConf

    torch.manual_seed(seed)
    folder = home / name
    folder.mkdir(parents=True)
    config = OmegaConf.create(lm_config(size, stereo=stereo, melody=melody))
    lm = builders.get_lm_model(config)
    _save(folder / "state_dict.bin", lm, config)
    codec_config = OmegaConf.create(codec_config_of(size))
    _save(folder / "compression_state_dict.bin", builders.get_compression_model(codec_config), codec_config)
    return folder


def build_model(size: Size, *, seed: int = 7) -> tuple[Any, Any]:
    """Make audiocraft's language model and codec without a file; musicgen-small's sizes take 3 s and 1.7 GB."""
    from audiocraft.models import builders
    from omegaconf import OmegaConf

    torch.manual_seed(seed)
    config = lm_config(size)
    config["transformer_lm"].update(weight_init=None, depthwise_init=None, zero_bias_init=False)  # Gaussians: 5 s more
    lm = builders.get_lm_model(OmegaConf.create(config)).eval().requires_grad_(requires_grad=False)
    return lm, builders.get_compression_model(OmegaConf.create(codec_config_of(size))).eval()


def _save(file: Path, model: torch.nn.Module, config: Any) -> None:
    from omegaconf import OmegaConf

    text = OmegaConf.to_yaml(config)
    state = model.state_dict()
    torch.save({"best_state": state, "xp.cfg": text, "version": "1.3.0", "exported": True}, file)


def lm_config(size: Size, *, stereo: bool = False, melody: bool = False) -> dict[str, Any]:
    """The language model's configuration, key by key as in the published checkpoints."""
    codebooks = 8 if stereo else 4
    delays = [0, 0, 1, 1, 2, 2, 3, 3] if stereo else [0, 1, 2, 3]
    t5 = {"name": "t5-small", "finetune": False, "word_dropout": 0.3, "normalize_text": False}
    conditioners: dict[str, Any] = {"args": {"merge_text_conditions_p": 0.25, "drop_desc_p": 0.5}}
    chroma = {"sample_rate": 32000, "n_chroma": 12, "radix2_exp": 14, "argmax": True, "match_len_on_eval": False}
    if melody:
        conditioners["self_wav"] = {"model": "chroma_stem", "chroma_stem": chroma}
    conditioners["description"] = {"model": "t5", "t5": t5}
    return {
        "device": "cpu",
        "dtype": "float32",
        "lm_model": "transformer_lm",
        "dataset": {"segment_duration": size.window_s},
        "transformer_lm": {
            "n_q": codebooks, "card": size.card, "dim": size.dim, "num_heads": size.heads, "num_layers": size.layers,
            "hidden_scale": 4, "dropout": 0.0, "emb_lr": None, "activation": "gelu", "norm_first": True,
            "bias_ff": False, "bias_attn": False, "bias_proj": False, "past_context": None, "causal": True,
            "custom": False, "memory_efficient": True, "attention_as_float32": False, "layer_scale": None,
            "positional_embedding": "sin", "xpos": False, "checkpointing": "none", "weight_init": "gaussian",
            "depthwise_init": "current", "zero_bias_init": True, "norm": "layer_norm", "cross_attention": False,
            "qk_layer_norm": False, "qk_layer_norm_cross": False, "attention_dropout": None, "kv_repeat": 1,
            "two_step_cfg": False,
        },
        "codebooks_pattern": {
            "modeling": "delay",
            "delay": {"delays": delays, "flatten_first": 0, "empty_initial": 0},
        },
        "classifier_free_guidance": {"training_dropout": 0.3, "inference_coef": 3.0},
        "attribute_dropout": {},
        "conditioners": conditioners,
        "fuser": {
            "cross_attention_pos_emb": False, "cross_attention_pos_emb_scale": 1, "sum": [],
            "input_interpolate": [],
            "prepend": ["self_wav", "description"] if melody else [],
            "cross": [] if melody else ["description"],
        },
        "interleave_stereo_codebooks": {"use": stereo, "per_timestep": False},
        "compression_model_n_q": None,
    }  # fmt: skip


def codec_config_of(size: Size, *, filters: int = 2) -> dict[str, Any]:
    """EnCodec's configuration: 32 kHz, 50 frames a second, four codebooks of `card` entries."""
    return {
        "device": "cpu",
        "compression_model": "encodec",
        "encodec": {
            "autoencoder": "seanet", "quantizer": "rvq", "sample_rate": 32000, "channels": 1, "causal": False,
            "renormalize": False,
        },
        "seanet": {
            "dimension": 16, "channels": 1, "causal": False, "n_filters": filters, "n_residual_layers": 1,
            "ratios": [8, 5, 4, 4], "activation": "ELU", "activation_params": {"alpha": 1.0},
            "norm": "weight_norm", "norm_params": {}, "kernel_size": 7, "residual_kernel_size": 3,
            "last_kernel_size": 7, "dilation_base": 2, "pad_mode": "constant", "true_skip": True, "compress": 2,
            "lstm": 2, "disable_norm_outer_blocks": 0,
            "encoder": {}, "decoder": {"trim_right_ratio": 1.0, "final_activation": None},
        },
        "rvq": {"n_q": 4, "q_dropout": False, "bins": size.card, "kmeans_init": False},
    }  # fmt: skip


def _snapshot(home: Path, repository: str) -> Path:
    """Open a repository's folder in the layout of a Hugging Face cache."""
    root = home / "hub" / ("models--" + repository.replace("/", "--"))
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("tiny")
    folder = root / "snapshots" / "tiny"
    folder.mkdir(parents=True)
    return folder


def _make_t5(folder: Path) -> None:
    """Write a one-layer T5 encoder of t5-small's width and a tokenizer trained on six sentences.

    As in the published repository there is no tokenizer_config.json.
    """
    import sentencepiece
    from transformers import T5Config, T5EncoderModel

    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.splitlines()), model_writer=trained, vocab_size=120, minloglevel=2,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False, num_threads=1,
    )  # fmt: skip
    (folder / "spiece.model").write_bytes(trained.getvalue())
    torch.manual_seed(3)
    config = T5Config(vocab_size=128, d_model=512, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(folder)


def _make_demucs(folder: Path) -> None:
    """Write a tiny HTDemucs as the hub has it: a bag of one and a safetensors file that names its class."""
    from demucs.htdemucs import HTDemucs
    from safetensors.torch import save_file

    torch.manual_seed(4)
    options: dict[str, Any] = {
        "channels": 4,
        "dconv_comp": 2,
        "segment": 2,
        "t_layers": 1,
        "t_heads": 2,
        "bottom_channels": 8,
    }
    sources = ["drums", "bass", "other", "vocals"]
    model = HTDemucs(sources, **options)
    metadata = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": json.dumps([sources]),
        "kwargs": json.dumps(options),
    }
    state = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    save_file(state, folder / "tiny.safetensors", metadata=metadata)
    (folder / "htdemucs.yaml").write_text("models: ['tiny']\n")


def _make_diffusion(folder: Path) -> None:
    """Write two bands of a tiny MultiBandDiffusion, with OmegaConf objects inside as the published file has."""
    from audiocraft.models import builders
    from omegaconf import OmegaConf

    torch.manual_seed(5)
    unet = {"hidden": 8, "depth": 2, "growth": 2.0, "bilstm": True, "codec_dim": 16, "kernel": 8, "stride": 4}
    schedule = {"beta_t0": 1e-5, "beta_t1": 2.9e-2, "beta_exp": 7.5, "num_steps": 1000, "variance": "beta",
                "clip": 5.0, "rescale": 1.0, "repartition": "power", "noise_scale": 1.0}  # fmt: skip
    processor = {"name": "multi_band_processor", "use": True, "n_bands": 2, "num_samples": 10, "power_std": 1.0}
    config = OmegaConf.create({"channels": 1, "schedule": schedule, "diffusion_unet": unet, "processor": processor})
    package: dict[Any, Any] = {"n_bands": 2, "sample_rate": 32000}
    for band in range(2):
        fitted = builders.get_processor(config.processor, sample_rate=32000)
        with torch.no_grad():
            fitted.project_sample(torch.randn(12, 1, 3200))
        package[band] = {
            "cfg": config,
            "model_state": builders.get_diffusion_model(config).state_dict(),
            "processor_state": fitted.state_dict(),
        }
    torch.save(package, folder / "mbd_musicgen_32khz.th")
