"""Songs in a wanted state, brought there by the handlers' and storage's own moves."""

from __future__ import annotations

from handlers.deps import Deps
from handlers.events import SelfieReceived, Sender
from handlers.intake.selfie import receive_selfie
from handlers.jobs.lease import claim
from handlers.serialization import chosen_mood, mood_to_json, plan_columns
from pipeline.brief.draft import draft_brief
from pipeline.brief.personalise import personalise
from pipeline.values import EmotionLabel, RenderParams, Taste
from storage.repositories.song_rows import SongRow
from storage.song_states import ACTIVE, SongState
from tests.handlers.conftest import ANN

JPEG = b"\xff\xd8\xff" + b"photo of nobody"


async def selfie(deps: Deps, *, sender: Sender = ANN, data: bytes = JPEG) -> int:
    return await receive_selfie(SelfieReceived(sender, data, {"chat": "1"}), deps=deps)


async def row(deps: Deps, song_id: int) -> SongRow:
    song = await deps.commit(lambda unit: unit.songs.get(song_id))
    assert song is not None
    return song


async def planned(
    deps: Deps, *, sender: Sender = ANN, mood: EmotionLabel = "sad", to: SongState = SongState.QUEUED
) -> int:
    """A song with a real recipe, moved to a state at or past `queued`."""
    song_id = await selfie(deps, sender=sender)
    song, read = await row(deps, song_id), chosen_mood(mood)
    params = RenderParams(duration_s=5.0, seed=song_id)
    draft = await draft_brief(read, duration_s=5.0, seed=song_id, writer=None, deadline=None)
    plan = (await personalise(draft.brief, Taste(), mood=read, params=params, writer=None, deadline=None)).plan
    lease = await claim(song_id, states=tuple(ACTIVE), deps=deps)
    assert lease is not None
    now = deps.clock.now()
    await deps.commit(
        lambda unit: unit.emotions.add(
            session_id=song.session_id, emotion=mood, confidence=1.0, extra=mood_to_json(read), now=now
        )
    )
    await deps.commit(
        lambda unit: unit.songs.advance(
            song_id,
            lease=lease.token,
            from_states=ACTIVE,
            to=to,
            now=now,
            **plan_columns(plan, prompt_initial=draft.brief.style),
        )
    )
    return song_id
