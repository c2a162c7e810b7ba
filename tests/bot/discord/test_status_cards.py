"""What the status card says on its way, and how it ends."""

from __future__ import annotations

from handlers.jobs.draft import draft_song
from pipeline.faces.read_mood import Faces, FaceScores
from pipeline.values import EMOTION_LABELS
from storage.song_states import SongState
from tests.bot.discord.chat_fixture import JPEG, SELFIE, ChatFixture, Unsure
from tests.discord_server import File, UserClient

NO_PICTURE = File("notes.txt", b"hello")


class Looking(Unsure):
    """A reader that sees a happy face in the photo with this number, from 1, and none in the others."""

    def __init__(self, number: int) -> None:
        self.left = number

    async def photo_faces(self, data: bytes) -> Faces:
        self.left -= 1
        happy = dict.fromkeys(EMOTION_LABELS, 0.02) | {"happy": 0.88}
        return () if self.left else (FaceScores(0.2, 0.2, 0.5, 0.5, happy),)


async def test_several_pictures_are_one_song(serving: ChatFixture, ann: UserClient) -> None:
    await serving.accepted(ann)
    others = tuple(File(f"{n}.jpg", JPEG + bytes([n])) for n in range(3))
    await ann.post(serving.server.world.dm(ann.user), files=(NO_PICTURE, *others))
    song = await serving.until_song(SongState.RECEIVED)
    files = await serving.process.deps.read(lambda unit: unit.assets.of_session(song.session_id))
    assert len(files) == 3
    assert len(await serving.songs()) == 1
    await draft_song(song.id, deps=serving.process.deps, reader=Looking(2), writer=None)
    await serving.finish(song.id)
    await serving.deliver(song.id)
    shown = await serving.server.until(lambda: serving.song_message(song.id))
    assert "Of your 3 pictures, number 2 was the first with a face." in shown.embeds[0]["description"]


async def test_no_face_says_what_helps(serving: ChatFixture, ann: UserClient) -> None:
    await serving.accepted(ann)
    dm = serving.server.world.dm(ann.user)
    await ann.post(dm, files=(SELFIE,))
    song = await serving.until_song(SongState.RECEIVED)
    card = await serving.said(dm)
    await draft_song(song.id, deps=serving.process.deps, reader=Looking(99), writer=None)
    await serving.server.until(lambda: "found no face" in card.content)
    assert "light" in card.content
    assert "/mood" in card.content
    assert card.parts == []  # trying again would need the photo, and it is deleted
    assert await serving.no_photo_is_kept()
