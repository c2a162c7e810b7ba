"""How fast we write: a card every 3 s, in groups every 5 s; 30 messages a second overall. Floods are obeyed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from handlers.limits import Limits
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.bot.telegram.test_status_cards import rendering
from tests.telegram_server import Chat, Limit, RateLimits

CROWD = 70


async def test_cards_move_every_3_s_in_private_and_every_5_s_in_groups(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", bob)
    usual, own = at.process.deps.limits, Limits()
    limits = replace(usual, card_every_s=own.card_every_s, slow_card_every_s=own.slow_card_every_s)
    at.process = replace(at.process, deps=replace(at.process.deps, limits=limits))
    async with at.serving():
        await at.server.answer(alice.says("/mood happy"))
        await at.server.answer(bob.says("/mood happy", to=group))
        songs = [(await at.songs_of(person))[0].id for person in (alice, bob)]
        await asyncio.gather(*(rendering(at, song_id, upto=0.9, steps=44) for song_id in songs))
        await moves_every(3.0, alice.chat, at=at)
        await moves_every(5.0, group, at=at)


async def moves_every(seconds: float, chat: Chat, *, at: ChatFixture) -> None:
    """Wait for a card's third state, and see that none came too soon after the one before."""
    await at.server.until(lambda: at.server.sent("editMessageText", chat)[1:])
    moved = [call.at for method in ("sendMessage", "editMessageText") for call in at.server.sent(method, chat)]
    assert min(later - earlier for earlier, later in pairwise(moved)) >= seconds


async def test_a_crowd_is_answered_below_the_overall_limit(at: ChatFixture) -> None:
    crowd = [at.server.person(f"P{number}") for number in range(CROWD)]
    at.server.faults.limits = RateLimits(overall=Limit(40, 1.0))  # 30 and what a busy machine brings together
    async with at.serving():
        for person in crowd:
            person.says("/help")
        await at.server.until(lambda: all(person.chat.from_bot() for person in crowd), within_s=30)
    assert [len(person.chat.from_bot()) for person in crowd] == [1] * CROWD
