"""The process in which untrusted files are decoded and DeepFace runs; `reader` starts and stops it.

Its environment holds no secrets, and it can neither use the network nor write files: code that a malicious file injects
finds nothing to steal and no way to send it. It ends when the parent's pipe closes, however the parent ended.
"""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import sys
import threading
from typing import BinaryIO

from pipeline.backends.deepface.protocol import CLIP, PHOTO, REQUEST_HEAD, Answer, pack_answer
from pipeline.errors import EngineFailed, PipelineError

# Address space, not memory in use: code and models take 1 GB of it, a 25-megapixel RGBA picture 0.4 GB more.
MAX_ADDRESS_SPACE = 4 << 30
_FORBIDDEN = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
)


def main(detector: str) -> None:
    """Answer requests from stdin on stdout, one after another, until stdin ends."""
    answers = _keep_stdout()
    requests = sys.stdin.buffer
    _restrict_process()
    from pipeline.backends.deepface import face_search  # DeepFace reads the environment and prints when imported

    face_search.warm(detector)
    _limit("RLIMIT_FSIZE", 0)
    queued: queue.SimpleQueue[tuple[bytes, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, queued), daemon=True).start()
    _send(answers, None)
    while True:
        _send(answers, _answer(*queued.get(), detector=detector))


def _answer(kind: bytes, data: bytes, *, detector: str) -> Answer:
    from pipeline.backends.deepface.face_search import clip_faces, photo_faces
    from pipeline.faces.clip import read_clip
    from pipeline.faces.photo import read_photo

    try:
        if kind == PHOTO:
            return photo_faces(read_photo(data), detector=detector)
        if kind == CLIP:
            return clip_faces(read_clip(data), detector=detector)
    except PipelineError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever a decoder or a model raises is reported to the parent
        return EngineFailed("mood_crashed", cause=type(error).__name__)
    return EngineFailed("mood_crashed", cause="protocol")


def _receive(requests: BinaryIO, queued: queue.SimpleQueue[tuple[bytes, bytes]]) -> None:
    """Read requests in a thread of its own, so that the parent's end is noticed while the main thread works."""
    while len(head := requests.read(REQUEST_HEAD.size)) == REQUEST_HEAD.size:
        kind, length = REQUEST_HEAD.unpack(head)
        data = requests.read(length)
        if len(data) < length:
            break
        queued.put((kind, data))
    os._exit(0)  # nobody reads answers any more; do not wait for the main thread


def _send(answers: BinaryIO, answer: Answer) -> None:
    answers.write(pack_answer(answer))
    answers.flush()


def _keep_stdout() -> BinaryIO:
    """Keep the pipe for answers, and discard what libraries print."""
    answers = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)
    return answers


def _restrict_process() -> None:
    """Forbid network and programs to all Python code of this process, and limit memory where the system can."""

    def refuse(event: str, _: object) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(event)

    sys.addaudithook(refuse)
    _limit("RLIMIT_CORE", 0)  # a core file would hold the photo
    _limit("RLIMIT_AS", MAX_ADDRESS_SPACE)


def _limit(name: str, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS has some of these names without the function
        kind = getattr(resource, name)
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(sys.argv[1])
