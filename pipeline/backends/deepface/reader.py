"""DeepFace as an `EmotionReader`: a process of its own that reads one file at a time, for the draft worker.

DeepFace is not thread-safe, and untrusted files may crash their decoders or fill the memory; both stay in that process.
When it has ended, the next call starts another.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.backends.deepface.protocol import (
    ANSWER_HEAD,
    CLIP,
    MAX_ANSWER_BYTES,
    PHOTO,
    REQUEST_HEAD,
    Answer,
    unpack_answer,
)
from pipeline.backends.deepface.weights import EMOTION_FILE, Detector, DetectorChoice, check_weights, choose_detector
from pipeline.errors import EngineFailed, PipelineError
from pipeline.faces.read_mood import ClipFaces, Faces

_PROGRAM = "pipeline.backends.deepface.worker"
STOP_TIMEOUT_S = 2.0


class DeepFaceReader:
    """Use as `async with DeepFaceReader(home) as reader`, within one event loop.

    home is the folder that `build_weights` filled. Entering raises EngineFailed "weights_missing",
    "weights_damaged" (file) or "detector_missing" (detector, state); nothing is downloaded.
    Readings raise BadInput for the file, and EngineFailed "mood_timeout" (seconds), "mood_crashed" (cause) or
    "mood_unavailable" when the process does not start.
    """

    def __init__(
        self,
        home: Path,
        *,
        detector: DetectorChoice = "auto",
        photo_timeout_s: float = 20.0,
        clip_timeout_s: float = 90.0,
        start_timeout_s: float = 60.0,
    ) -> None:
        self._home = home
        self._detector_choice: DetectorChoice = detector
        self._timeouts_s = {PHOTO: photo_timeout_s, CLIP: clip_timeout_s}
        self._start_timeout_s = start_timeout_s
        self._lock = asyncio.Lock()
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        self.detector()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._lock:
            await self._stop()

    def detector(self) -> Detector:
        """Give the face detector in use; raise EngineFailed if a file that it needs is missing or damaged."""
        state = check_weights(self._home)
        if state.emotion != "ready":
            raise EngineFailed(f"weights_{state.emotion}", file=EMOTION_FILE)
        return choose_detector(self._detector_choice, state)

    async def warm(self) -> None:
        """Start the process and load the models, so that the first photo does not wait for it."""
        async with self._lock:
            await self._running()

    async def photo_faces(self, data: bytes) -> Faces:
        """Read every face of a photo; () if there is none."""
        answer = await self._ask(PHOTO, data)
        if not isinstance(answer, tuple):
            raise EngineFailed("mood_crashed", cause="protocol")
        return answer

    async def clip_faces(self, data: bytes) -> ClipFaces:
        """Read every face of a video, two frames a second."""
        answer = await self._ask(CLIP, data)
        if not isinstance(answer, ClipFaces):
            raise EngineFailed("mood_crashed", cause="protocol")
        return answer

    async def _ask(self, kind: bytes, data: bytes) -> Answer:
        async with self._lock:
            process = await self._running()
            request = REQUEST_HEAD.pack(kind, len(data)) + data
            answer = await self._exchange(process, request, timeout_s=self._timeouts_s[kind])
        if isinstance(answer, PipelineError):
            raise answer
        return answer

    async def _running(self) -> Process:
        """Return the process; start it if it has not started or has ended."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", _PROGRAM, self.detector()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(self._home),
            cwd=self._home,
            start_new_session=True,  # Ctrl-C in a terminal goes to us, not to the process
        )
        try:
            await self._exchange(self._process, b"", timeout_s=self._start_timeout_s)
        except EngineFailed as error:
            raise EngineFailed("mood_unavailable") from error
        return self._process

    async def _exchange(self, process: Process, request: bytes, *, timeout_s: float) -> Answer:
        """Send a request and wait for its answer. Without a complete answer, also on cancellation, end the process."""
        complete = False
        try:
            async with asyncio.timeout(timeout_s):
                answer = await _converse(process, request)
            complete = True
            return answer
        except TimeoutError as error:
            raise EngineFailed("mood_timeout", seconds=timeout_s) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EngineFailed("mood_crashed", cause="exit") from error
        except ValueError as error:
            raise EngineFailed("mood_crashed", cause="protocol") from error
        finally:
            if not complete:
                await self._stop(timeout_s=0)

    async def _stop(self, *, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Close the process's input, upon which it exits; kill it at the time-out."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):  # it has just exited
                process.kill()
            await process.wait()


async def _converse(process: Process, request: bytes) -> Answer:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    await process.stdin.drain()
    (length,) = ANSWER_HEAD.unpack(await process.stdout.readexactly(ANSWER_HEAD.size))
    if length > MAX_ANSWER_BYTES:
        raise ValueError("answer too long")
    return unpack_answer(await process.stdout.readexactly(length))


def _environment(home: Path) -> dict[str, str]:
    """Make the process's whole environment: no token, no password, no proxy."""
    return {
        "DEEPFACE_HOME": str(home),
        "DEEPFACE_BACKEND_ENGINE": "onnx",
        "DEEPFACE_LOG_LEVEL": "50",
        "HOME": str(home),
        "OPENBLAS_NUM_THREADS": "1",  # each of its threads would reserve address space
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(_import_path()),
    }


def _import_path() -> list[str]:
    root = Path(__file__).parents[3]
    return [str(root), *(entry for entry in sys.path if entry)]
