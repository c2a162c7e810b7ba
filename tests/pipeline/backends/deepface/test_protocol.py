"""Answers arrive as they were sent; whatever else a process sends is refused, cheaply, and named as its fault."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeline.backends.deepface.protocol import ANSWER_HEAD, MAX_ANSWER_BYTES, Answer, pack_answer, unpack_answer
from pipeline.backends.deepface.reader import DeepFaceReader
from pipeline.backends.deepface.weights import build_weights
from pipeline.errors import BadInput, EngineFailed, PipelineError
from pipeline.faces.read_mood import ClipFaces, FaceScores, FrameFaces
from pipeline.values import EMOTION_LABELS

ROOT = Path(__file__).parents[4]
FACE = FaceScores(0.25, 1 / 3, 0.5, 1.0, {label: 1 / (3 + n) for n, label in enumerate(EMOTION_LABELS)})

REFUSED = {
    "nothing": b"",
    "no JSON": b"\x80\x04N.",
    "no UTF-8": b'{"kind":"\xff"}',
    "null": b"null",
    "no kind": b"{}",
    "unknown kind": b'{"kind":"song"}',
    "no faces": b'{"kind":"photo"}',
    "faces are no list": b'{"kind":"photo","faces":{}}',
    "a score too few": b'{"kind":"photo","faces":[[0,0,1,1,[1,0,0,0,0,0]]]}',
    "a score too many": b'{"kind":"photo","faces":[[0,0,1,1,[1,0,0,0,0,0,0,0]]]}',
    "a score as text": b'{"kind":"photo","faces":[[0,0,1,1,["1",0,0,0,0,0,0]]]}',
    "a score that is true": b'{"kind":"photo","faces":[[0,0,1,1,[true,0,0,0,0,0,0]]]}',
    "a score without end": b'{"kind":"photo","faces":[[0,0,1,1,[1e999,0,0,0,0,0,0]]]}',
    "a box that is no number": b'{"kind":"photo","faces":[[NaN,0,1,1,[1,0,0,0,0,0,0]]]}',
    "frames without faces": b'{"kind":"clip","duration_s":1,"frames":[0.5]}',
    "a length that is no number": b'{"kind":"clip","duration_s":-Infinity,"frames":[]}',
    "a code that is a number": b'{"kind":"bad_input","code":1,"facts":[]}',
    "a fact that is a list": b'{"kind":"bad_input","code":"a","facts":[["b",[]]]}',
    "a fact that is the code": b'{"kind":"engine_failed","code":"a","facts":[["code","b"]]}',
    "deep": b"[" * MAX_ANSWER_BYTES,
}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (),
        (FACE, FACE),
        ClipFaces(1.25, (FrameFaces(0.0, ()), FrameFaces(0.5, (FACE,)))),
        BadInput("picture_too_small", width=16, share=0.5, word="é"),
        EngineFailed("mood_crashed"),
    ],
)
def test_answers_arrive_as_they_were_sent(answer: Answer) -> None:
    packed = pack_answer(answer)
    head, body = packed[: ANSWER_HEAD.size], packed[ANSWER_HEAD.size :]
    assert ANSWER_HEAD.unpack(head) == (len(body),)
    arrived = unpack_answer(body)
    if isinstance(answer, PipelineError):
        assert isinstance(arrived, PipelineError)
        assert (type(arrived), arrived.code, arrived.facts) == (type(answer), answer.code, answer.facts)
    else:
        assert arrived == answer


def test_the_longest_clip_with_a_hundred_faces_fits() -> None:
    clip = ClipFaces(60.5, tuple(FrameFaces(n / 2, (FACE,) * 100) for n in range(121)))
    assert len(pack_answer(clip)) < MAX_ANSWER_BYTES


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused_without_being_quoted(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not an answer$"):
        unpack_answer(answer)


@pytest.mark.parametrize(
    ("start", "part", "end"),
    [
        ('{"kind":"photo","faces":[', "1,", "1]}"),
        ('{"kind":"photo","faces":[[0,0,1,1,[', "[],", "1]]]}"),
        ('{"kind":"clip","duration_s":1,"frames":[[0,[', "[],", "1]]]}"),
        ('{"kind":"bad_input","code":"a","facts":[', "1,", "1]}"),
    ],
)
def test_a_long_answer_with_an_error_in_every_place_takes_little_memory(start: str, part: str, end: str) -> None:
    program = f"""
        import resource
        import psutil
        from pipeline.backends.deepface.protocol import MAX_ANSWER_BYTES, unpack_answer
        answer = {start!r} + {part!r} * (MAX_ANSWER_BYTES // {len(part)} - 20) + {end!r}
        limit = psutil.Process().memory_info().vms + (300 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            unpack_answer(answer.encode())
        except ValueError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"not an answer\n"


@pytest.mark.parametrize("answer", [ANSWER_HEAD.pack(MAX_ANSWER_BYTES + 1), ANSWER_HEAD.pack(2) + b"{}"])
async def test_a_process_that_sends_something_else_is_ended_and_blamed(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_weights(tmp_path)
    (tmp_path / "answer").write_bytes(answer)
    monkeypatch.setattr("pipeline.backends.deepface.reader._PROGRAM", "tests.pipeline.backends.deepface.hostile_worker")
    async with DeepFaceReader(tmp_path) as reader:
        for _ in range(2):
            with pytest.raises(EngineFailed) as caught:
                await reader.photo_faces(b"a photo")
            assert (caught.value.code, caught.value.facts) == ("mood_crashed", {"cause": "protocol"})
