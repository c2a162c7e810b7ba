"""A face detector in YuNet's form that knows one face: the sample portrait's, at one size.

The published file can't be had without its host, and everything around it shall run all the same: OpenCV's
FaceDetectorYN reads this one, DeepFace and our process use it. Input and the twelve outputs are named and shaped as
YuNet's; a face is where an eighth of the picture looks like the portrait's face.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.pipeline.pictures import portrait

SIDE = 512  # of the portrait whose face is known
CELL = 8  # pixels; YuNet also looks in cells of 16 and 32, where this one finds nobody
FACE = (160, 48, 128, 128)  # x, y, width, height in the portrait, in whole cells
# Eyes (the right one first, which is on the left), nose, corners of the mouth.
LANDMARKS = ((202, 100), (248, 102), (226, 123), (206, 141), (243, 142))
ALIKE = 0.85  # of what the face answers to itself
MIDDLE = 0.6  # a grey that stands for what lies outside of the picture
SURE = 40.0  # how steeply likeness becomes a score

Floats = NDArray[np.float32]


def write_small_yunet(file: Path) -> None:
    """Write the graph where DeepFace looks for YuNet's."""
    graph = helper.make_graph(
        [*_likeness(), *(node for stride in (8, 16, 32) for node in _answers(stride))],
        "small_yunet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 640, 640])],
        [
            helper.make_tensor_value_info(f"{name}_{stride}", TensorProto.FLOAT, [1, (640 // stride) ** 2, size])
            for name, size in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))
            for stride in (8, 16, 32)
        ],
        [numpy_helper.from_array(value, name) for name, value in _constants().items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8), file)


def _likeness() -> list[onnx.NodeProto]:
    """Grey, an eighth of the size, compared with the face: one score a cell."""
    height, width = FACE[3] // CELL, FACE[2] // CELL
    pads = [height // 2, width // 2, height - 1 - height // 2, width - 1 - width // 2]
    return [
        helper.make_node("Conv", ["input", "grey", "darker"], ["tones"]),
        helper.make_node("AveragePool", ["tones"], ["small"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Conv", ["small", "face", "doubt"], ["alike"], pads=pads),
        helper.make_node("Sigmoid", ["alike"], ["score_8"]),
        helper.make_node("AveragePool", ["alike"], ["alike_16"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("AveragePool", ["alike_16"], ["alike_32"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Mul", ["alike_16", "zero"], ["score_16"]),
        helper.make_node("Mul", ["alike_32", "zero"], ["score_32"]),
    ]


def _answers(stride: int) -> list[onnx.NodeProto]:
    """cls and obj are the score; box and landmarks are the known face's, whatever the cell."""
    nodes = [
        helper.make_node("Reshape", [f"score_{stride}", "rows_1"], [f"{name}_{stride}"]) for name in ("cls", "obj")
    ]
    for name, size in (("bbox", 4), ("kps", 10)):
        told, last = f"{name}_told_{stride}", f"{name}_last_{stride}"
        nodes += [
            helper.make_node("Conv", [f"score_{stride}", f"{name}_none", f"{name}_known"], [told]),
            helper.make_node("Transpose", [told], [last], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [last, f"rows_{size}"], [f"{name}_{stride}"]),
        ]
    return nodes


def _constants() -> dict[str, NDArray[np.generic]]:
    face = _face()
    sharp = SURE / float((face * face).sum())
    return {
        "grey": np.array([0.114, 0.587, 0.299], np.float32).reshape(1, 3, 1, 1) / 255,  # OpenCV's are blue, green, red
        "darker": np.array([-MIDDLE], np.float32),
        "face": (face * sharp).reshape(1, 1, *face.shape).astype(np.float32),
        "doubt": np.array([-SURE * ALIKE], np.float32),
        "zero": np.zeros((1, 1, 1, 1), np.float32),
        "bbox_none": np.zeros((4, 1, 1, 1), np.float32),
        "bbox_known": _box(),
        "kps_none": np.zeros((10, 1, 1, 1), np.float32),
        "kps_known": _landmarks(),
        **{f"rows_{size}": np.array([1, -1, size], np.int64) for size in (1, 4, 10)},
    }


def _face() -> Floats:
    """The portrait's face, grey, without its mean: a plain wall answers nothing."""
    grey = np.asarray(portrait(SIDE), np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    x, y, width, height = FACE
    cells = grey[y : y + height, x : x + width].reshape(height // CELL, CELL, width // CELL, CELL).mean(axis=(1, 3))
    return np.asarray(cells - cells.mean(), np.float32)


def _box() -> Floats:
    """The box's middle is the cell's upper left corner: the face has an even number of cells."""
    return np.array([0, 0, math.log(FACE[2] / CELL), math.log(FACE[3] / CELL)], np.float32)


def _landmarks() -> Floats:
    """In cells from the box's middle."""
    x, y = FACE[0] + FACE[2] / 2, FACE[1] + FACE[3] / 2
    return np.array([part / CELL for point in LANDMARKS for part in (point[0] - x, point[1] - y)], np.float32)
