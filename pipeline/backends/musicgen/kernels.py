"""One-query attention for CPUs, compiled by numba at start (2 s); `attention.KernelAttention` calls it.

Each (song, row, head) is a unit of its own, computed in the same order wherever it stands in a batch.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def _as_float(_context: Any, _bits: Any) -> Any:
    """Read 32 bits as a float; a bfloat16 is a float's upper half."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic  # type: ignore[untyped-decorator]
def _as_bits(_context: Any, _number: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), generate


def use_threads(count: int) -> None:
    """Let the kernels use as many threads as torch does, within what numba started with."""
    wanted = min(count, numba.config.NUMBA_NUM_THREADS)
    if numba.get_num_threads() != wanted:
        numba.set_num_threads(wanted)


@lru_cache(maxsize=4)
def compiled(*, bits: bool, parallel: bool) -> tuple[Any, Any]:  # noqa: C901  (three loops that numba compiles as one)
    """Build (past, prompt) for a float32 cache or, with `bits`, for bfloat16 seen as uint16.

    past(qkv, keys, values, slots, lengths, out): qkv [songs, rows, 3, heads, size] float32, keys and values
    [slots, rows, heads, span, size]; writes this step at position lengths - 1, attends to 0..lengths - 1.
    prompt(query, keys, values, slots, lengths, out): query and out [songs, rows, heads, size]; lengths [slots, rows].
    """
    read, write = (_read_bits, _write_bits) if bits else (_read_float, _write_float)

    @njit(fastmath=True, boundscheck=False)  # type: ignore[untyped-decorator]
    def one(query: Any, keys: Any, values: Any, length: Any, out: Any) -> None:
        size = query.shape[0]
        scaled = query / np.float32(np.sqrt(np.float32(size)))
        scores = np.empty(length, np.float32)
        top = np.float32(-3e38)
        for t in range(length):
            score = np.float32(0)
            for d in range(size):
                score += scaled[d] * read(keys, t, d)
            scores[t] = score
            top = max(top, score)
        total = np.float32(0)
        for t in range(length):
            scores[t] = np.exp(scores[t] - top)
            total += scores[t]
        out[:] = 0
        for t in range(length):
            share = scores[t] / total
            for d in range(size):
                out[d] += share * read(values, t, d)

    @njit(fastmath=True, boundscheck=False, parallel=parallel, nogil=True)  # type: ignore[untyped-decorator]
    def past(qkv: Any, keys: Any, values: Any, slots: Any, lengths: Any, out: Any) -> None:
        songs, rows, _, heads, size = qkv.shape
        for unit in prange(songs * rows * heads):
            song, row, head = unit // (rows * heads), (unit // heads) % rows, unit % heads
            slot, last = slots[song], lengths[song] - 1
            for d in range(size):
                write(keys[slot, row, head], last, d, qkv[song, row, 1, head, d])
                write(values[slot, row, head], last, d, qkv[song, row, 2, head, d])
            one(qkv[song, row, 0, head], keys[slot, row, head], values[slot, row, head], last + 1, out[song, row, head])

    @njit(fastmath=True, boundscheck=False, parallel=parallel, nogil=True)  # type: ignore[untyped-decorator]
    def prompt(query: Any, keys: Any, values: Any, slots: Any, lengths: Any, out: Any) -> None:
        songs, rows, heads, _ = query.shape
        for unit in prange(songs * rows * heads):
            song, row, head = unit // (rows * heads), (unit // heads) % rows, unit % heads
            slot = slots[song]
            length = lengths[slot, row]
            one(query[song, row, head], keys[slot, row, head], values[slot, row, head], length, out[song, row, head])

    return past, prompt


@njit(inline="always")  # type: ignore[untyped-decorator]
def _read_float(array: Any, t: Any, d: Any) -> Any:
    return array[t, d]


@njit(inline="always")  # type: ignore[untyped-decorator]
def _write_float(array: Any, t: Any, d: Any, value: Any) -> None:
    array[t, d] = value


@njit(inline="always")  # type: ignore[untyped-decorator]
def _read_bits(array: Any, t: Any, d: Any) -> Any:
    return _as_float(np.uint32(array[t, d]) << np.uint32(16))


@njit(inline="always")  # type: ignore[untyped-decorator]
def _write_bits(array: Any, t: Any, d: Any, value: Any) -> None:
    """Round to the nearest bfloat16, ties to even, as torch does."""
    whole = _as_bits(value)
    array[t, d] = np.uint16((whole + np.uint32(0x7FFF) + ((whole >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))
