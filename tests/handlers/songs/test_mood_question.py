"""An unsure mood is asked about."""

from __future__ import annotations

import asyncio

from handlers.commands.buttons import press_button
from handlers.jobs.sweeper import sweep
from handlers.songs.mood_question import answer_mood
from handlers.status_cards.due import due_card
from storage.song_states import SongState
from tests.handlers.world import ANN, BOB, HERE, World, photo, tokens


async def test_an_unsure_mood_is_asked_and_the_owner_answers(world: World) -> None:
    song_id = await world.selfie(data=photo("happy 0.49 neutral"))
    await world.draft()
    assert await world.status(song_id) == SongState.ASKING
    assert await world.files() == ()  # the photo does not wait for the answer
    due = await due_card(song_id, deps=world.deps)
    assert due is not None
    assert tokens(due.card.buttons)[:3] == [
        f"1:mood:{song_id}:happy",
        f"1:mood:{song_id}:neutral",
        f"1:moods:{song_id}:",
    ]
    foreign = await press_button(f"1:mood:{song_id}:happy", BOB, deps=world.deps, origin=HERE)
    assert foreign.reply is not None
    assert "Only the person" in foreign.reply.text
    every = await press_button(f"1:moods:{song_id}:", ANN, deps=world.deps, origin=HERE)
    assert every.reply is not None
    assert len(tokens(every.reply.buttons)) == 7
    answers = await asyncio.gather(*(answer_mood(song_id, "sad", ANN, deps=world.deps) for _ in range(3)))
    assert sorted(answers) == [False, False, True]
    await world.draft()
    await world.render(song_id)
    await world.deliver()
    assert "Mood: sad, as you said" in world.chat.songs[0].text


async def test_without_an_answer_the_best_guess_is_taken(world: World) -> None:
    song_id = await world.selfie(data=photo("happy 0.4"))
    await world.draft()
    world.clock.forward(119)
    await sweep(deps=world.deps)
    assert await world.status(song_id) == SongState.ASKING
    world.clock.forward(2)
    await sweep(deps=world.deps)
    await world.draft()
    song = await world.song(song_id)
    assert (song.status, song.emotion) == (SongState.QUEUED, "happy")
    late = await press_button(f"1:mood:{song_id}:sad", ANN, deps=world.deps, origin=HERE)
    assert late.reply is not None
    assert "settled" in late.reply.text
