"""/link and /unlink: two accounts, one listener."""

from __future__ import annotations

from handlers.commands.buttons import press_button
from handlers.events import Sender
from handlers.intake.consent import accept, has_accepted
from storage.unit_of_work import UnitOfWork
from tests.handlers.feedback.test_vote_buttons import votes
from tests.handlers.world import ANN, BOB, HERE, World, run, said

OTHER = Sender("faraway", "77", "Ann T")


async def test_link_makes_one_listener_and_unlink_two(world: World) -> None:
    mine = await world.finished()
    await accept(ANN, deps=world.deps)
    await run(world, "genres", action="add", words="jazz")
    await run(world, "genres", OTHER, action="add", words="metal")
    await press_button(f"1:vote:{mine}:up", ANN, deps=world.deps, origin=HERE)
    offered = said(await run(world, "link"))
    code = offered.split("/link ")[1].split()[0]
    assert "your own code" in said(await run(world, "link", code=code))
    assert "one listener" in said(await run(world, "link", OTHER, code=code.lower()))
    assert "wrong" in said(await run(world, "link", OTHER, code=code))  # used up
    assert await has_accepted(OTHER, deps=world.deps)
    assert "jazz, metal" in said(await run(world, "genres", OTHER))
    assert f"#{mine}" in said(await run(world, "history", OTHER))
    said(await run(world, "unlink", OTHER))
    assert f"#{mine}" not in said(await run(world, "history", OTHER))
    assert f"#{mine}" in said(await run(world, "history"))
    assert "jazz, metal" in said(await run(world, "genres", OTHER))
    assert "not linked" in said(await run(world, "unlink", OTHER))


async def test_link_codes_run_out_and_cannot_be_guessed(world: World) -> None:
    code = said(await run(world, "link")).split("/link ")[1].split()[0]
    for _ in range(5):
        assert "wrong" in said(await run(world, "link", OTHER, code="AAAA-AAAA"))
    assert "too many" in said(await run(world, "link", OTHER, code=code))
    world.clock.forward(601)
    assert "wrong" in said(await run(world, "link", OTHER, code=code))


async def test_votes_of_both_accounts_on_one_song_become_the_newer_one(world: World) -> None:
    song_id = await world.finished(BOB)
    await press_button(f"1:vote:{song_id}:up", ANN, deps=world.deps, origin=HERE)
    world.clock.forward(10)

    async def far_vote(unit: UnitOfWork) -> None:
        user = await unit.users.find_or_create(OTHER.platform, OTHER.account_id, OTHER.username, world.clock.now())
        await unit.votes.cast(generation_id=song_id, user_id=user.id, now=world.clock.now(), vote="down")

    await world.deps.commit(far_vote)
    code = said(await run(world, "link")).split("/link ")[1].split()[0]
    said(await run(world, "link", OTHER, code=code))
    assert await votes(world, song_id) == (0, 1)
