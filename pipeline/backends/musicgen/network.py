"""The weights of audiocraft's LMModel, rearranged into the products that a decoding step makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.musicgen.linears import Linear, Precision, prepare
from pipeline.errors import EngineFailed


@dataclass(frozen=True)
class Norm:
    """A layer norm's weight and bias, [dim] each."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return torch.nn.functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


@dataclass(frozen=True)
class Cross:
    """Attention to the prompt: queries from the music, keys and values from the text."""

    norm: Norm
    query: Linear  # dim -> dim
    key_value: Linear  # dim -> 2 * dim, used once for each song
    out: Linear


@dataclass(frozen=True)
class Layer:
    """One transformer layer: attention to the past, to the prompt (not in melody models), feed-forward."""

    norm: Norm
    qkv: Linear  # dim -> 3 * dim
    out: Linear
    cross: Cross | None
    ff_norm: Norm
    up: Linear  # dim -> 4 * dim
    down: Linear


@dataclass(frozen=True)
class Network:
    """The whole language model. Codes run from 0 to card - 1; `card` itself is the special token for "none yet"."""

    dim: int
    heads: int
    codebooks: int  # 4, or 8 for stereo
    card: int  # entries of a codebook
    delays: tuple[int, ...]  # [codebooks], steps by which each codebook is delayed
    embedding: Tensor  # [codebooks * (card + 1), dim]
    layers: tuple[Layer, ...]
    norm: Norm
    logits: Linear  # dim -> codebooks * card, all heads in one product
    device: torch.device

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads


def read_network(lm: Any, *, precision: Precision) -> Network:
    """Copy audiocraft's weights into this layout and precision.

    Raises EngineFailed "music_weights_unsupported" for an architecture that no published MusicGen has.
    """
    _check_architecture(lm)
    weight = lm.emb[0].weight
    return Network(
        dim=lm.dim,
        heads=lm.transformer.layers[0].self_attn.num_heads,
        codebooks=lm.n_q,
        card=lm.card,
        delays=tuple(lm.pattern_provider.delays),
        embedding=torch.cat([table.weight for table in lm.emb]).float(),
        layers=tuple(_layer(layer, precision) for layer in lm.transformer.layers),
        norm=_norm(lm.out_norm),
        logits=prepare(torch.cat([head.weight for head in lm.linears]), precision=precision),
        device=weight.device,
    )


def _layer(layer: Any, precision: Precision) -> Layer:
    return Layer(
        norm=_norm(layer.norm1),
        qkv=prepare(layer.self_attn.in_proj_weight, precision=precision),
        out=prepare(layer.self_attn.out_proj.weight, precision=precision),
        cross=_cross(layer, precision) if layer.cross_attention is not None else None,
        ff_norm=_norm(layer.norm2),
        up=prepare(layer.linear1.weight, precision=precision),
        down=prepare(layer.linear2.weight, precision=precision),
    )


def _cross(layer: Any, precision: Precision) -> Cross:
    query, key_value = layer.cross_attention.in_proj_weight.tensor_split([layer.cross_attention.embed_dim])
    return Cross(
        norm=_norm(layer.norm_cross),
        query=prepare(query, precision=precision),
        key_value=prepare(key_value, precision=precision),
        out=prepare(layer.cross_attention.out_proj.weight, precision=precision),
    )


def _norm(module: Any) -> Norm:
    return Norm(module.weight.detach().float(), module.bias.detach().float())


def _check_architecture(lm: Any) -> None:
    """Refuse all but what is published: pre-norm, no biases, sinusoidal positions, a plain delay pattern."""
    first, pattern = lm.transformer.layers[0], lm.pattern_provider
    known = (
        first.norm_first
        and first.self_attn.in_proj_bias is None
        and first.linear1.bias is None
        and lm.linears[0].bias is None
        and lm.transformer.positional_embedding == "sin"
        and lm.transformer.positional_scale == 1.0
        and isinstance(first.layer_scale_1, torch.nn.Identity)
        and not first.self_attn.qk_layer_norm
        and first.self_attn.past_context is None
        and first.self_attn.kv_repeat == 1
        and type(pattern).__name__ == "DelayedPatternProvider"
        and pattern.delays[0] == pattern.flatten_first == pattern.empty_initial == 0
        and not lm.fuser.cross_attention_pos_emb
        and not (lm.fuser.fuse2cond["sum"] or lm.fuser.fuse2cond["input_interpolate"])
    )
    if not known:
        raise EngineFailed("music_weights_unsupported")


def drop_transformer(lm: Any) -> None:
    """Free audiocraft's copy of what `read_network` has read; its conditioners and fuser stay."""
    del lm.transformer, lm.emb, lm.linears, lm.out_norm
