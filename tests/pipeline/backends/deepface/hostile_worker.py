"""A mood reader's process that somebody has taken over: ready, then to each request what the file `answer` holds."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.backends.deepface.protocol import REQUEST_HEAD, pack_answer

if __name__ == "__main__":
    sys.stdout.buffer.write(pack_answer(None))
    sys.stdout.buffer.flush()
    while head := sys.stdin.buffer.read(REQUEST_HEAD.size):
        _, length = REQUEST_HEAD.unpack(head)
        sys.stdin.buffer.read(length)
        sys.stdout.buffer.write(Path("answer").read_bytes())  # in the reader's home, where the process runs
        sys.stdout.buffer.flush()
