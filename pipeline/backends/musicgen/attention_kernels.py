"""What a decoding step computes between its products, on CPUs: attention, layer norm, GELU, by numba. In numpy:

    keys[length - 1], values[length - 1] = key, value  # remember, for one row and one head
    scores = keys[:length] @ query / np.sqrt(len(query))  # attend, for the same
    shares = np.exp(scores - scores.max())
    attended = shares @ values[:length] / shares.sum()
    normed = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * weight + bias
    activated = x * (1 + erf(x / np.sqrt(2))) / 2  # erf: scipy.special's

Each row of a song, in attention each head of it, is computed by itself and in the same order, wherever it stands in a
batch. Attention prefetches keys and values, and a bfloat16 cache is widened as it is read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.core import cgutils
from numba.extending import intrinsic

# 2 ** x for x in 0..1, the degree-5 polynomial with the smallest relative error (Remez): 1.6e-7 in float32
_POWER = tuple(map(np.float32, (0.99999994, 0.69315308, 0.24015361, 0.05582632, 0.00898934, 0.00187758)))
# erf by Abramowitz and Stegun, 7.1.26: within 1.5e-7 everywhere
_ERF = tuple(map(np.float32, (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)))
_ERF_AT = np.float32(0.3275911)
_LOG2_E, _ROOT_HALF, _EPSILON = np.float32(1.44269504), np.float32(0.70710678), np.float32(1e-5)
_AHEAD = 16  # positions from the one that is read to the one that is prefetched: 2 KB of bfloat16
LINE = 64  # bytes of a cache line


class Attention(NamedTuple):
    """Compiled functions. Keys and values [all slots, GUIDANCE_ROWS, heads, span, size] are of the cache's type, the
    rest is float32.

    remember(qkv, keys, values, slots, lengths): copy keys and values from qkv [rows, 3 * dim] to the last position.
    attend(query, keys, values, slots, lengths, out): query [rows, dim or more, of which dim count], out [rows, dim].
    slots [songs] are where the songs are in the cache, GUIDANCE_ROWS rows each, and lengths [songs, GUIDANCE_ROWS] how
    many positions of the past or the prompt count.
    """

    remember: Any
    attend: Any


def use_threads(count: int) -> None:
    """Let the kernels use as many threads as torch does, at most those that numba started."""
    wanted = min(count, numba.config.NUMBA_NUM_THREADS)
    if numba.get_num_threads() != wanted:
        numba.set_num_threads(wanted)


@lru_cache(maxsize=8)
def attention(*, bits: bool, head_size: int, parallel: bool) -> Attention:  # noqa: C901  (loops that numba compiles)
    """Build attention for a float32 cache or, with `bits`, for bfloat16 seen as uint16.

    The size of a head is a constant of the code, so that LLVM unrolls its loops into a few vectors: half the time.
    """
    read, write = (_read_bits, _write_bits) if bits else (_read_float, _write_float)
    step, root = LINE // (2 if bits else 4), np.float32(head_size**-0.5)

    @njit(fastmath=True, boundscheck=False)
    def attend_one(query: Any, keys: Any, values: Any, length: Any, out: Any) -> None:
        scores = np.empty(length, np.float32)
        top = np.float32(-3e38)
        for t in range(length):
            for d in range(0, head_size, step):
                _fetch(keys, t + _AHEAD, d)
            score = np.float32(0)
            for d in range(head_size):
                score += query[d] * read(keys, t, d)
            scores[t] = score * root
            top = max(top, scores[t])
        total = np.float32(0)
        for t in range(length):
            scores[t] = _exp(scores[t] - top)
            total += scores[t]
        attended = np.zeros(head_size, np.float32)
        for t in range(length):
            for d in range(0, head_size, step):
                _fetch(values, t + _AHEAD, d)
            for d in range(head_size):
                attended[d] += scores[t] * read(values, t, d)
        for d in range(head_size):
            out[d] = attended[d] / total

    @njit(boundscheck=False, parallel=parallel)
    def attend(query: Any, keys: Any, values: Any, slots: Any, lengths: Any, out: Any) -> None:
        sides, heads = keys.shape[1:3]
        for unit in prange(len(out) * heads):
            row, head = unit // heads, unit % heads
            song, side, first = row // sides, row % sides, head * head_size
            own_query, own_out = query[row, first : first + head_size], out[row, first : first + head_size]
            slot, length = slots[song], lengths[song, side]
            attend_one(own_query, keys[slot, side, head], values[slot, side, head], length, own_out)

    @njit(boundscheck=False)
    def remember(qkv: Any, keys: Any, values: Any, slots: Any, lengths: Any) -> None:
        sides, heads = keys.shape[1:3]
        for row in range(len(qkv)):
            song, side = row // sides, row % sides
            slot, last = slots[song], lengths[song, side] - 1
            for head in range(heads):
                for d in range(head_size):
                    place = head * head_size + d
                    write(keys[slot, side, head], last, d, qkv[row, heads * head_size + place])
                    write(values[slot, side, head], last, d, qkv[row, 2 * heads * head_size + place])

    return Attention(remember, attend)


@njit(fastmath=True, boundscheck=False, error_model="numpy")
def norm(x: Any, weight: Any, bias: Any, out: Any) -> None:
    """Layer norm of each row: x and out [rows, dim], weight and bias [dim]."""
    rows, dim = x.shape
    for row in range(rows):
        mean = np.float32(0)
        for d in range(dim):
            mean += x[row, d]
        mean /= np.float32(dim)
        variance = np.float32(0)
        for d in range(dim):
            variance += (x[row, d] - mean) ** 2
        factor = np.float32(1) / np.sqrt(variance / np.float32(dim) + _EPSILON)
        for d in range(dim):
            out[row, d] = (x[row, d] - mean) * factor * weight[d] + bias[d]


@njit(fastmath=True, boundscheck=False, error_model="numpy")
def gelu(x: Any) -> None:
    """GELU in place: x [rows, n] float32."""
    rows, n = x.shape
    for row in range(rows):
        for i in range(n):
            x[row, i] = _gelu(x[row, i])


@njit(inline="always")
def _exp(x: Any) -> Any:
    """e ** x for x <= 0, as a power of 2: its whole part becomes the exponent, the rest enters the polynomial."""
    power = max(x * _LOG2_E, np.float32(-126))
    whole = np.floor(power)
    rest = power - whole
    a, b, c, d, e, f = _POWER
    fraction = a + rest * (b + rest * (c + rest * (d + rest * (e + rest * f))))
    return fraction * _as_float(np.uint32(np.int32(whole) + np.int32(127)) << np.uint32(23))


@njit(inline="always")
def _gelu(x: Any) -> Any:
    """x times the standard normal distribution function of x."""
    size = abs(x) * _ROOT_HALF
    t = np.float32(1) / (np.float32(1) + _ERF_AT * size)
    a, b, c, d, e = _ERF
    tail = t * (a + t * (b + t * (c + t * (d + t * e)))) * _exp(-size * size) * np.float32(0.5)
    return x * (np.float32(1) - tail if x > 0 else tail)


@intrinsic
def _as_float(_context: Any, _bits: Any) -> Any:
    """Read 32 bits as a float32; a bfloat16 is the upper half of one."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def _as_bits(_context: Any, _number: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@intrinsic
def _fetch(_context: Any, array: Any, _t: Any, _d: Any) -> Any:
    """Prefetch the cache line of array[_t, _d]."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        holder = context.make_array(array)(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, array, holder, args[1:], wraparound=False)
        fetch(builder, place)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), generate


def fetch(builder: Any, pointer: Any) -> None:
    """Write the instruction that prefetches a pointer's cache line; it does nothing for addresses without memory."""
    number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(ask, [builder.bitcast(pointer, byte), number(0), number(3), number(1)])  # to read, nearest cache, data


@njit(inline="always")
def _read_float(array: Any, t: Any, d: Any) -> Any:
    return array[t, d]


@njit(inline="always")
def _write_float(array: Any, t: Any, d: Any, value: Any) -> None:
    array[t, d] = value


@njit(inline="always")
def _read_bits(array: Any, t: Any, d: Any) -> Any:
    return _as_float(np.uint32(array[t, d]) << np.uint32(16))


@njit(inline="always")
def _write_bits(array: Any, t: Any, d: Any, value: Any) -> None:
    """Round to the nearest bfloat16, ties to even, as torch does."""
    whole = _as_bits(value)
    array[t, d] = np.uint16((whole + np.uint32(0x7FFF) + ((whole >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))
