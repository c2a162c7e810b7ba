"""Few rows times a large weight, on CPUs: most of a decoding step. Compiled by numba at start (1 s). In numpy:

    if weight.dtype == np.uint16:  # bfloat16, the upper half of a float32
        numbers = (weight.astype(np.uint32) << 16).view(np.float32)
    else:  # float32 or int8
        numbers = weight.astype(np.float32)
    out[:] = x @ numbers.T * scale

Each weight is read once, so the memory's speed is the limit, and the kernel's task is to keep the memory busy. Each
thread reads four places of its share at the same time, STREAMS of them, each from start to end: a processor reads ahead
along a line of addresses by itself, but follows one line a page of 4 KB, and four neighbouring rows of int8 lie in one
page, which costs a third of the speed. docs/performance.md has a picture of it. On 2 cores with AVX2 and 20 GB/s,
24 layers of musicgen-small take 38 ms in bfloat16 and 20 ms in int8.

Each sum is added in the same order however many rows there are: a song sounds the same alone and in a batch. LLVM's
vectoriser does not promise that, so the vectors are written here as LLVM instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from llvmlite import binding, ir
from numba import njit, prange, types
from numba.core import cgutils
from numba.extending import intrinsic

from pipeline.backends.musicgen.attention_kernels import LINE, fetch

STREAMS = 4  # rows of the weight that are read at the same time, a quarter of the weight apart
STRIDE = 32  # columns that one pass of the loop multiplies
PAIR, MANY = 2, 4  # rows of x that one tile multiplies: one song's, or two songs'
AHEAD = 512  # bytes from what is multiplied to what is prefetched, where x has two rows

_FLOAT, _LONG = ir.FloatType(), ir.IntType(64)
_ELEMENTS = {"float32": _FLOAT, "bfloat16": ir.IntType(16), "int8": ir.IntType(8)}
_SIZES = {"float32": 4, "bfloat16": 2, "int8": 1}  # bytes


def fit(shape: Sequence[int]) -> bool:
    """Whether weights of this shape [outs, columns] can be multiplied here: all published ones can."""
    return shape[0] % STREAMS == 0 and shape[1] % STRIDE == 0


def host_is_wide() -> bool:
    """Whether this processor has AVX-512's 32 registers of 16 numbers; others have 16 of 8, or more of fewer."""
    return bool(binding.get_host_cpu_features().get("avx512f"))


@lru_cache(maxsize=12)
def compiled(*, kind: str, parallel: bool, wide: bool) -> Callable[..., None]:
    """Build product(weight, scale, x, out) for weights of a kind: "float32", "bfloat16" seen as uint16, or "int8".

    weight [outs, columns], C order; scale [outs] float32; x [rows, columns] and out [rows, outs] float32: out is
    x @ weight.T * scale. rows must be even, outs divisible by STREAMS and columns by STRIDE. wide: see `host_is_wide`.
    """
    lanes, of_many = (16, STREAMS) if wide else (8, 2)  # 16 registers hold 2 x 4 sums and their factors
    pair = _callable(_Tile(kind, lanes, outs=STREAMS, rows=PAIR))
    many = _callable(_Tile(kind, lanes, outs=of_many, rows=MANY))

    @njit(boundscheck=False, parallel=parallel)
    def product(weight: Any, scale: Any, x: Any, out: Any) -> None:
        rows = x.shape[0]
        for first_out in prange(weight.shape[0] // STREAMS):
            row = 0
            while row + MANY <= rows:
                for stream in range(0, STREAMS, of_many):
                    many(weight, scale, x, out, first_out, stream, row)
                row += MANY
            if row < rows:
                pair(weight, scale, x, out, first_out, 0, row)

    return product  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Tile:
    """The sums of some outs and some rows of x, each in one vector register of `lanes` numbers.

    The outs are a quarter of the weight apart: `first_out`, and the same place in the other streams.
    """

    kind: str
    lanes: int
    outs: int
    rows: int

    @property
    def vector(self) -> Any:
        return ir.VectorType(_FLOAT, self.lanes)

    def write(self, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Write the instructions of tile(weight, scale, x, out, first_out, first_stream, first_row)."""
        *arrays, first_out, first_stream, first_row = arguments
        weight, scale, x, out = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:4], arrays, strict=True)
        )
        outs, columns = (builder.extract_value(weight.shape, axis) for axis in (0, 1))
        quarter = builder.sdiv(outs, _LONG(STREAMS))
        streams = [builder.add(first_stream, _LONG(n)) for n in range(self.outs)]
        places = [builder.add(builder.mul(stream, quarter), first_out) for stream in streams]
        rows = [builder.add(first_row, _LONG(n)) for n in range(self.rows)]

        def row_of(array: Any, number: Any, width: Any) -> Any:
            return builder.gep(array.data, [builder.mul(number, width)])

        weights = [row_of(weight, place, columns) for place in places]
        xs = [row_of(x, row, columns) for row in rows]
        # Two rows are multiplied as fast as the weight comes. More rows take longer, long enough to prefetch the whole
        # next row of each stream (8 rows, bfloat16: 68 ms instead of 76).
        ahead = _LONG(AHEAD // _SIZES[self.kind]) if self.rows == PAIR else columns

        def add_stride(column: Any, sums: list[list[Any]]) -> list[list[Any]]:
            self._fetch(builder, weights, builder.add(column, ahead))
            for lane in range(0, STRIDE, self.lanes):
                sums = self._add(builder, weights, xs, builder.add(column, _LONG(lane)), sums)
            return sums

        zero = ir.Constant(self.vector, [0.0] * self.lanes)
        sums = _loop(builder, columns, add_stride, [[zero] * self.rows for _ in range(self.outs)])
        for row, column_of_sums in zip(rows, zip(*sums, strict=True), strict=True):
            target = row_of(out, row, outs)
            for place, numbers in zip(places, column_of_sums, strict=True):
                factor = builder.load(builder.gep(scale.data, [place]))
                total = builder.fmul(_sum(builder, numbers, self.lanes), factor)
                builder.store(total, builder.gep(target, [place]))
        return context.get_dummy_value()

    def _fetch(self, builder: Any, weights: list[Any], column: Any) -> None:
        for pointer in weights:
            for place in range(0, STRIDE, LINE // _SIZES[self.kind]):
                fetch(builder, builder.gep(pointer, [builder.add(column, _LONG(place))]))

    def _add(self, builder: Any, weights: list[Any], xs: list[Any], column: Any, sums: list[list[Any]]) -> Any:
        """Add the products of `lanes` columns, rounded once where the processor has fused multiply-add."""
        numbers = ir.VectorType(_ELEMENTS[self.kind], self.lanes)
        of_x = [_load(builder, pointer, column, self.vector, 4) for pointer in xs]
        of_weight = [
            self._widen(builder, _load(builder, pointer, column, numbers, _SIZES[self.kind])) for pointer in weights
        ]

        def add(total: Any, a: Any, b: Any) -> Any:
            return builder.fadd(total, builder.fmul(a, b, flags=("contract",)), flags=("contract",))

        return [
            [add(total, w, v) for total, v in zip(row, of_x, strict=True)]
            for row, w in zip(sums, of_weight, strict=True)
        ]

    def _widen(self, builder: Any, numbers: Any) -> Any:
        """Convert a vector of weights to float32; a bfloat16 is the upper half of one."""
        whole = ir.VectorType(ir.IntType(32), self.lanes)
        if self.kind == "bfloat16":
            upper = builder.shl(builder.zext(numbers, whole), ir.Constant(whole, [16] * self.lanes))
            return builder.bitcast(upper, self.vector)
        return builder.sitofp(builder.sext(numbers, whole), self.vector) if self.kind == "int8" else numbers


def _callable(tile: _Tile) -> Any:
    @intrinsic
    def call(_context: Any, weight: Any, scale: Any, x: Any, out: Any, _out: Any, _stream: Any, _row: Any) -> Any:
        return types.void(weight, scale, x, out, types.intp, types.intp, types.intp), tile.write

    return call


def _load(builder: Any, row: Any, column: Any, kind: Any, align: int) -> Any:
    return builder.load(builder.bitcast(builder.gep(row, [column]), kind.as_pointer()), align=align)


def _loop(builder: Any, stop: Any, write_body: Callable[..., Any], sums: list[list[Any]]) -> Any:
    """Write a loop over columns 0, STRIDE .. stop whose body gets the sums of the pass before; return the last ones."""
    before = builder.block
    body, after = builder.append_basic_block("stride"), builder.append_basic_block("done")
    builder.branch(body)
    builder.position_at_end(body)
    column = builder.phi(_LONG)
    column.add_incoming(_LONG(0), before)
    carried = [[builder.phi(one.type) for one in row] for row in sums]
    new = write_body(column, carried)
    following = builder.add(column, _LONG(STRIDE))
    column.add_incoming(following, body)
    for phis, first, later in zip(carried, sums, new, strict=True):
        for phi, one, two in zip(phis, first, later, strict=True):
            phi.add_incoming(one, before)
            phi.add_incoming(two, body)
    builder.cbranch(builder.icmp_signed("<", following, stop), body, after)
    builder.position_at_end(after)
    return new


def _sum(builder: Any, numbers: Any, lanes: int) -> Any:
    kind = ir.FunctionType(_FLOAT, [_FLOAT, numbers.type])
    add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{lanes}f32")
    return builder.call(add, [ir.Constant(_FLOAT, 0.0), numbers], fastmath=("reassoc",))
