from __future__ import annotations

import pytest

from pipeline.errors import BadInput
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores, FrameFaces, clip_mood, photo_mood, read_mood
from pipeline.file_kind import MAX_FILE_BYTES, file_kind
from pipeline.values import EMOTION_LABELS, EmotionLabel
from tests.pipeline.pictures import clip, encoded, landscape, sound


def face(label: EmotionLabel, *, score: float = 0.7, size: float = 0.3, x: float = 0.1) -> FaceScores:
    rest = (1 - score) / (len(EMOTION_LABELS) - 1)
    scores = {other: score if other == label else rest for other in EMOTION_LABELS}
    return FaceScores(x, 0.2, size, size, scores)


def filmed(*frames: Faces) -> ClipFaces:
    return ClipFaces(len(frames) / 2, tuple(FrameFaces(n / 2, faces) for n, faces in enumerate(frames)))


def test_a_photo_without_a_face_is_an_answer_of_its_own() -> None:
    with pytest.raises(BadInput) as caught:
        photo_mood(())
    assert caught.value.code == "no_face"


@pytest.mark.parametrize("label", EMOTION_LABELS)
def test_every_label_is_a_mood(label: EmotionLabel) -> None:
    mood = photo_mood((face(label),))
    assert (mood.label, mood.faces) == (label, 1)
    assert mood.confidence == pytest.approx(0.7)
    assert mood.best_two[0] == label


def test_the_largest_face_is_the_senders_and_the_others_are_kept() -> None:
    mood = photo_mood((face("sad", size=0.1), face("happy", size=0.4, x=0.5), face("fear", size=0.2)))
    assert mood.label == "happy"
    assert mood.faces == 3
    assert [(other.label, other.width) for other in mood.others] == [("fear", 0.2), ("sad", 0.1)]


@pytest.mark.parametrize(("score", "sure"), [(0.49, False), (0.5, True)])
def test_half_is_sure(score: float, sure: bool) -> None:
    assert photo_mood((face("sad", score=score),)).sure is sure


def test_frames_without_a_face_are_passed_over() -> None:
    mood = clip_mood(filmed((), (face("sad"),), (), (face("sad"),), ()))
    assert mood.label == "sad"
    assert [(segment.start_s, segment.end_s) for segment in mood.segments] == [(0, 2.5)]


def test_a_clip_in_which_nobody_appears_has_no_mood() -> None:
    with pytest.raises(BadInput, match="no_face"):
        clip_mood(filmed((), (), ()))


def test_a_clip_has_its_longest_mood_and_tells_the_others_in_order() -> None:
    mood = clip_mood(filmed(*[(face("happy"),)] * 4, *[(face("angry", score=0.8),)] * 8))
    assert mood.label == "angry"
    assert mood.confidence == pytest.approx(0.8)
    assert sum(mood.scores.values()) == pytest.approx(1)
    assert [(part.start_s, part.end_s, part.label) for part in mood.segments] == [
        (0, 2, "happy"),
        (2, 6, "angry"),
    ]


def test_one_false_find_is_not_a_guest() -> None:
    alone = (face("happy"),)
    mood = clip_mood(filmed(alone, (*alone, face("sad", size=0.05)), alone))
    assert (mood.faces, mood.others) == (1, ())


class Shown:
    """A reader that has seen these faces already."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.asked: list[str] = []

    async def photo_faces(self, data: bytes) -> Faces:
        assert data
        self.asked.append("photo")
        return self.faces

    async def clip_faces(self, data: bytes) -> ClipFaces:
        assert data
        self.asked.append("clip")
        return filmed(self.faces, self.faces)


async def test_content_decides_between_photo_and_clip() -> None:
    reader = Shown((face("surprise"),))
    photo = await read_mood(encoded(landscape()), reader=reader)
    video = await read_mood(clip([landscape()] * 2), reader=reader)
    assert reader.asked == ["photo", "clip"]
    assert photo.label == video.label == "surprise"
    assert (photo.segments, len(video.segments)) == ((), 1)


@pytest.mark.parametrize("data", [b"", b"hello", b"#EXTM3U\n", b"%PDF-1.7", b"<svg></svg>", b"PK\x03\x04"])
async def test_other_files_never_reach_the_reader(data: bytes) -> None:
    reader = Shown(())
    with pytest.raises(BadInput, match="not_a_picture"):
        await read_mood(data, reader=reader)
    assert reader.asked == []


def test_a_file_over_the_limit_is_refused_by_its_length() -> None:
    with pytest.raises(BadInput) as caught:
        file_kind(b"\xff\xd8\xff" + bytes(MAX_FILE_BYTES))
    assert caught.value.code == "file_too_large"
    assert caught.value.facts == {"megabytes": 20.1, "limit": 20}


def test_sound_is_taken_for_a_clip_so_that_it_gets_a_fitting_answer() -> None:
    assert file_kind(sound()) == "video"
    assert file_kind(sound("mp3", "libmp3lame")) == "video"
