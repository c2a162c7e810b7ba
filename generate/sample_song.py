"""One song of the sketch engine with the message that a chat gets of it; the pictures show this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from handlers.ports import SongMessage
from handlers.songs.caption import song_buttons, song_caption
from handlers.songs.credit import credit_of
from handlers.texts import song_title
from pipeline.audio.finishing import finish
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.brief.draft import draft_brief
from pipeline.brief.personalise import personalise
from pipeline.brief.writer import writing_deadline
from pipeline.values import Mood, PastVote, Plan, RenderParams, Taste

SCORES = {"angry": 0.01, "disgust": 0.0, "fear": 0.01, "happy": 0.92, "sad": 0.02, "surprise": 0.02, "neutral": 0.02}
VOTES = tuple(PastVote("lo-fi", "happy", vote) for vote in ("up", "up", "down", "up", "up"))


@dataclass(frozen=True, slots=True)
class SampleSong:
    """The message, and the files that it names."""

    song: SongMessage
    mp3: bytes
    waveform: bytes


async def sample_song() -> SampleSong:
    """Make a song the way the workers do, and the message the way the chat process does."""
    mood = Mood("happy", 0.92, SCORES)  # type: ignore[arg-type]
    plan = await _plan(mood)
    composer = SketchComposer()
    sound = composer.compose(plan, on_progress=lambda _: None, cancelled=lambda: False)
    title = song_title("en", plan.mood, plan.genre)
    done = finish(sound, plan, title=title, artist="Selfietune", engine=composer.name)
    song = SongMessage(
        song_id=42,
        reply_to={},
        locale="en",
        audio_path=PurePosixPath("song.mp3"),
        waveform_path=PurePosixPath("song.png"),
        title=title,
        mood=mood,
        plan=plan,
        engine=composer.name,
        duration_s=done.duration_s,
        caption=song_caption("en", mood=mood, plan=plan, engine=composer.name, credit=credit_of(composer)),
        buttons=song_buttons("en", 42, up=3, down=1),
    )
    return SampleSong(song, done.mp3, done.waveform_png)


async def _plan(mood: Mood) -> Plan:
    params, deadline = RenderParams(duration_s=30.0, seed=5), writing_deadline(5.0)
    draft = await draft_brief(mood, duration_s=30.0, seed=5, writer=None, deadline=deadline)
    personal = await personalise(
        draft.brief, Taste(votes=VOTES), mood=mood, params=params, writer=None, deadline=deadline
    )
    return personal.plan
