"""Buttons that many people see: who may press them, and what becomes of them for the others."""

from __future__ import annotations

import pytest

from handlers.intake.consent import has_accepted
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture, sender


@pytest.mark.parametrize("role", ["member", "admin", "owner"])
async def test_admins_of_a_group_may_cancel_songs_there(at: ChatFixture, role: str) -> None:
    alice, bob = await at.person("Alice"), at.server.person("Bob")
    group = at.server.group("Friends", bob if role == "owner" else alice)
    if role == "admin":
        group.admins.add(bob.user.id)
    async with at.serving():
        card = await at.server.answer(alice.says("/mood sad", to=group))
        press = bob.presses(card, "Cancel")
        await at.server.until(lambda: press.answers)
        (song,) = await at.songs_of(alice)
        if role == "member":
            assert "Only the person" in press.answers[0]
            assert song.status == SongState.RECEIVED
        else:
            assert "cancelled" in press.answers[0]
            assert song.status == SongState.CANCELLED
            await at.server.until(lambda: card.deleted or not card.buttons)


async def test_an_admin_of_one_group_cancels_nothing_in_another(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), at.server.person("Bob")
    hers, his = at.server.group("Friends", alice), at.server.group("Mine", bob)
    async with at.serving():
        await at.server.answer(alice.says("/mood sad", to=hers))
        (song,) = await at.songs_of(alice)
        card = await at.server.answer(bob.says("/mood sad", to=his))
        press = bob.presses(card, data=f"1:cancel:{song.id}:")
        await at.server.until(lambda: press.answers)
        assert "no song" in press.answers[0]
        assert (await at.song(song.id)).status == SongState.RECEIVED


async def test_only_cancel_asks_who_is_an_admin_and_goes_on_without_an_answer(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), at.server.person("Bob")
    group = at.server.group("Friends", bob)
    async with at.serving():
        song = await at.delivered(alice, group)
        vote = bob.presses(song, "👍")
        await at.server.until(lambda: vote.answers)
        assert not at.server.sent("getChatMember")
        at.server.faults.fail("getChatMember")
        card = await at.server.answer(alice.says("/mood sad", to=group))
        press = bob.presses(card, "Cancel")
        await at.server.until(lambda: press.answers)
    assert "Only the person" in press.answers[0]


async def test_a_strangers_accept_is_their_own_and_leaves_the_greeting_to_its_person(
    at: ChatFixture, selfie: bytes
) -> None:
    alice, bob = await at.person("Alice", accepted=False), at.server.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        greeting = await at.server.answer(alice.sends_photo(selfie, caption="/mood", to=group))
        press = bob.presses(greeting, "Accept")
        await at.server.until(lambda: press.answers)
        assert await has_accepted(sender(bob), deps=at.process.deps)
        assert not await has_accepted(sender(alice), deps=at.process.deps)
        assert not at.server.sent("getFile")
        alice.presses(greeting, "Accept")
        await at.server.until(lambda: [m for m in group.from_bot() if "Cancel" in m.buttons])
    assert len(await at.songs_of(alice)) == 1
    assert "Accept" not in greeting.buttons


async def test_stars_of_several_people_count_each(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        song = await at.delivered(alice, group)
        alice.presses(song, "⭐")
        row = await at.server.answer(song)
        presses = [bob.presses(row, "5"), alice.presses(row, "3")]
        await at.server.until(lambda: all(press.answers for press in presses))
    assert [press.answers for press in presses] == [["Thank you! You gave 5 of 5."], ["Thank you! You gave 3 of 5."]]


async def test_details_are_for_the_asking_persons_eyes(at: ChatFixture) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        song = await at.delivered(alice, group)
        bob.presses(song, "⋯")
        told = await at.server.until(bob.chat.from_bot)
        assert "seed" in told[0].text
    assert group.from_bot() == [song]


@pytest.mark.parametrize("admin", [False, True])
async def test_reactions_count_in_groups_where_we_are_admin(at: ChatFixture, admin: bool) -> None:
    alice, bob = await at.person("Alice"), at.server.person("Bob")
    group = at.server.group("Friends", alice, admin=admin)
    async with at.serving():
        song = await at.delivered(alice, group)
        bob.reacts(song, "👍")
        await at.server.answer(alice.says("/help"))  # whatever came before it is handled
        if admin:
            await at.server.until(lambda: "👍 1" in song.buttons)
    assert await at.process.deps.read(lambda unit: unit.votes.counts(1)) == (int(admin), 0)
