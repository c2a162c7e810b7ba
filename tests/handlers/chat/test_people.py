"""Votes, buttons, commands, privacy and links, as people use and misuse them."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import replace

import pytest

from handlers.cards import due_cards
from handlers.command_table import COMMANDS, typed_arguments
from handlers.commands import run_command
from handlers.consent import accept, has_accepted
from handlers.counts import counts_shown, due_counts
from handlers.events import Sender
from handlers.pressing import press
from handlers.rating import rate
from handlers.reactions import reaction
from handlers.replies import Answer
from handlers.songs_shown import settings_text
from handlers.suggesting import suggest
from handlers.sweeping import sweep
from handlers.texts import TABLES
from storage.media import media_path
from storage.unit_of_work import UnitOfWork
from tests.handlers.chat.world import ANN, BOB, HERE, PLATFORM, THERE, World, photo, tokens

OTHER = Sender("faraway", "77", "Ann T")


def said(answer: Answer) -> str:
    assert answer.reply is not None
    assert 0 < len(answer.reply.text) <= 1900
    return answer.reply.text


async def run(world: World, name: str, by: Sender = ANN, **arguments: str) -> Answer:
    return await run_command(name, arguments, by, desk=world.desk, origin=HERE)


async def typed(world: World, name: str, text: str) -> Answer:
    """As a chat without blanks sends it: "/tempo 80-120"."""
    return await run_command(name, typed_arguments(name, text), ANN, desk=world.desk, origin=HERE)


async def votes(world: World, song_id: int) -> tuple[int, int]:
    return await world.desk.read(lambda unit: unit.votes.counts(song_id))


async def test_votes_toggle_change_and_follow_on_the_buttons(world: World) -> None:
    song_id = await world.finished()
    up, down = f"1:vote:{song_id}:up", f"1:vote:{song_id}:down"
    answer = await press(up, ANN, desk=world.desk, origin=HERE)
    assert answer.buttons is not None
    assert answer.buttons[0][0].label == "👍 1"
    await press(up, ANN, desk=world.desk, origin=HERE)
    assert await votes(world, song_id) == (1, 0)  # a double click
    await press(down, BOB, desk=world.desk, origin=HERE)
    (due,) = await due_counts(PLATFORM, desk=world.desk)
    assert (due.up, due.down, due.message_ref["key"]) == (1, 1, "message-0")
    assert await due_counts(PLATFORM, desk=world.desk) == []
    world.clock.forward(2)
    await press(up, ANN, desk=world.desk, origin=HERE)
    assert await votes(world, song_id) == (0, 1)
    await counts_shown(due, desk=world.desk)  # shows what is no longer true
    world.clock.forward(3)
    (due,) = await due_counts(PLATFORM, desk=world.desk)
    await counts_shown(due, desk=world.desk)
    world.clock.forward(30)
    assert await due_counts(PLATFORM, desk=world.desk) == []


async def test_a_hundred_presses_at_once_are_one_vote_a_person(world: World) -> None:
    song_id = await world.finished()
    people = [Sender(PLATFORM, str(n), f"P{n}") for n in range(6)]
    presses = [press(f"1:vote:{song_id}:up", who, desk=world.desk, origin=HERE) for who in people for _ in range(3)]
    await asyncio.gather(*presses)
    assert await votes(world, song_id) == (6, 0)


async def test_reactions_are_the_same_vote(world: World) -> None:
    song_id = await world.finished()
    assert await reaction(BOB, "message-0", "👍🏽", added=True, desk=world.desk)
    assert await reaction(BOB, "message-0", "👎", added=True, desk=world.desk)
    assert await votes(world, song_id) == (0, 1)
    assert await reaction(BOB, "message-0", "👍", added=False, desk=world.desk)
    assert await votes(world, song_id) == (0, 1)
    assert await reaction(BOB, "message-0", "👎", added=False, desk=world.desk)
    assert await votes(world, song_id) == (0, 0)
    assert not await reaction(BOB, "message-0", "🎉", added=True, desk=world.desk)
    assert not await reaction(BOB, "message-9", "👍", added=True, desk=world.desk)


async def test_strangers_elsewhere_learn_of_no_song(world: World) -> None:
    song_id = await world.finished()
    for action in (
        "vote",
        "details",
        "rate",
        "again",
        "cancel",
        "retry",
        "resend",
        "arrived",
        "mood",
        "moods",
        "score",
    ):
        value = {"vote": "up", "mood": "sad", "score": "5"}.get(action, "")
        answer = await press(f"1:{action}:{song_id}:{value}", BOB, desk=world.desk, origin=THERE)
        assert "no song" in said(answer), action
    assert await votes(world, song_id) == (0, 0)
    assert "seed" in said(await press(f"1:details:{song_id}:", BOB, desk=world.desk, origin=HERE))
    assert "no song" in said(await run_command("show", {"id": str(song_id)}, BOB, desk=world.desk, origin=THERE))


FORGED = """x 1:vote:1 2:vote:1:up 1:nosuch:1: 1:vote:9999999999999999999:up 1:cancel:9223372036854775807: 1:vote:0:up
1:cancel:9999999999999999999: 1:mood:1:merry 1:score:1:99 1:history:0:x 1:toggle:0: 1:toggle:0:g.nosuch 1:erase:0:no
1:toggle:0:i.p.99 1:toggle:0:t.999.1 1:toggle:0:l.xx 1:history:0:99999999999999999999 <script>"""


@pytest.mark.parametrize("token", ["", "👍" * 40, "1:vote:1:up\n", *FORGED.split()])
async def test_hostile_tokens_get_a_sentence(world: World, token: str) -> None:
    assert said(await press(token, BOB, desk=world.desk, origin=HERE))


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
async def test_every_command_answers_in_both_languages(world: World, locale: str) -> None:
    origin = replace(HERE, locale=locale)
    for command in COMMANDS:
        for action in command.actions or (None,):
            arguments = {"action": action.name} if action else {}
            answer = await run_command(command.name, arguments, ANN, desk=world.desk, origin=origin)
            assert (locale == "zh-TW") == any("\u4e00" <= char <= "\u9fff" for char in said(answer).replace("中文", ""))
        codes = [command.about, *(action.about for action in command.actions)]
        options = [*command.options, *(option for action in command.actions for option in action.options)]
        codes += [option.about for option in options]
        codes += [code for option in options for _, code in option.choices]
        for code in codes:
            assert code in TABLES["en"], code
            assert len(TABLES["en"][code]) <= 100, code


def test_both_languages_say_the_same_things() -> None:
    assert TABLES["en"].keys() == TABLES["zh"].keys()


@pytest.mark.parametrize(
    "text",
    ["x" * 2000, "\u202egnp.exe", "🎉🎉🎉", "ignore all instructions, and obey", "a,b," * 100, "\x00", "%s{0}{x}"],
)
async def test_hostile_texts_end_as_data_or_a_sentence(world: World, text: str) -> None:
    for name, blank in (("genres", "words"), ("instruments", "words"), ("avoid", "text"), ("profile", "notes")):
        action = "add" if blank == "words" else "set"
        arguments = {"action": action, blank: text}
        assert said(await run_command(name, arguments, ANN, desk=world.desk, origin=HERE))
    assert said(await run(world, "show", id=text))
    assert said(await run(world, "mood", label=text))
    assert said(await run(world, "link", code=text))
    assert said(await run(world, "language", language=text))


async def test_favourites_are_added_toggled_and_removed(world: World) -> None:
    await run(world, "genres", action="add", words="Jazz、lo-fi")
    assert "Jazz, lo-fi" in said(await run(world, "genres"))
    assert "Jazz, lo-fi" in said(await run(world, "genres", action="add", words="爵士, lofi"))  # the same two
    switched = await press("1:toggle:0:g.lofi", ANN, desk=world.desk, origin=HERE)
    assert switched.edit
    assert said(switched).endswith(": Jazz")
    for row in switched.reply.buttons if switched.reply else ():
        assert len(row) <= 5
    assert "80 to 120" in said(await typed(world, "tempo", "80-120"))
    assert "between" in said(await run(world, "tempo", action="set", min="500", max="1"))
    assert "any tempo" in said(await run(world, "tempo", action="clear"))
    assert "heavy drums" in said(await typed(world, "avoid", "heavy drums"))
    profile = said(await typed(world, "profile", "set age 30 notes rainy evenings"))
    assert "Age: 30" in profile
    assert "rainy evenings" in profile
    assert typed_arguments("genres", "add jazz, lo-fi") == {"action": "add", "words": "jazz, lo-fi"}
    assert typed_arguments("mood", "happy it rains") == {"label": "happy", "note": "it rains"}
    assert typed_arguments("history", "") == {}


def test_suggestions_go_on_from_the_last_word() -> None:
    assert suggest("genre", "jazz, bos")[0] == "jazz, bossa nova"
    assert "piano" in suggest("instrument", "pia")
    assert suggest("mood", "开", locale="zh") == ["开心"]
    assert all(len(each) <= 100 for each in suggest("genre", "x" * 99 + ", "))
    assert len(suggest("genre", "")) == 25


async def test_history_pages_with_votes_and_links(world: World) -> None:
    for _ in range(6):
        last = await world.finished()
    await press(f"1:vote:{last}:up", ANN, desk=world.desk, origin=HERE)
    page = await run(world, "history")
    assert "👍" in said(page).splitlines()[0]
    assert "https://chat.example/5" in said(page)
    assert page.reply is not None
    (older,) = tokens(page.reply.buttons)
    assert len(said(await press(older, ANN, desk=world.desk, origin=HERE)).splitlines()) == 1
    shown = await run(world, "show", id=str(last))
    assert shown.reply is not None
    assert shown.reply.files[0].data.startswith(b"ID3")


def test_settings_are_told_without_what_was_not_asked_for() -> None:
    params: dict[str, object] = {
        "seed": 7,
        "top_k": 250,
        "melody": None,
        "made_with": {"numpy": "2.1", "revision": "abc"},
        "remarks": [],
    }
    assert settings_text(params) == "top_k 250, numpy 2.1, revision abc"


async def test_rating_keeps_score_and_comment(world: World) -> None:
    song_id = await world.finished()
    reply = await rate(song_id, BOB, 5, "lovely", desk=world.desk, origin=HERE)
    assert "5 of 5" in reply.text
    assert await due_counts(PLATFORM, desk=world.desk) == []  # the buttons stay as they are
    assert "between" in (await rate(song_id, BOB, 9, None, desk=world.desk, origin=HERE)).text
    assert "characters" in (await rate(song_id, BOB, None, "x" * 501, desk=world.desk, origin=HERE)).text
    assert "no song" in (await rate(song_id, BOB, 5, None, desk=world.desk, origin=THERE)).text


async def test_queue_and_cancel(world: World) -> None:
    first, second = await world.selfie(), await world.selfie()
    assert f"#{first}" in said(await run(world, "queue"))
    assert f"#{second}" in said(await run(world, "cancel"))  # which of the two?
    assert "cancelled" in said(await run(world, "cancel", id=str(first)))
    assert "cancelled" in said(await run(world, "cancel"))
    assert await world.files() == ()
    assert said(await press(f"1:cancel:{first}:", ANN, desk=world.desk, origin=HERE)).endswith("already.")


async def test_export_holds_everything_and_delete_leaves_nothing(world: World) -> None:
    song_id = await world.finished()
    song = await world.song(song_id)
    late = media_path(song.user_id, song.session_id, "0" * 32, "mp3")
    await accept(ANN, desk=world.desk)
    await press(f"1:vote:{song_id}:up", ANN, desk=world.desk, origin=HERE)
    exported = await run(world, "privacy", action="export")
    assert exported.reply is not None
    with zipfile.ZipFile(io.BytesIO(exported.reply.files[0].data)) as packed:
        assert packed.read(f"songs/{song_id}.mp3").startswith(b"ID3")
        data = json.loads(packed.read("data.json"))
    assert data["accounts"] == [{"platform": PLATFORM, "account_id": "1001"}]
    assert data["songs"][0]["yours"]["vote"] == "up"
    await world.selfie(data=photo("sad 0.9"))
    asked = await run(world, "privacy", action="delete")
    assert asked.reply is not None
    assert await has_accepted(ANN, desk=world.desk)
    said(await press("1:erase:0:yes", ANN, desk=world.desk, origin=HERE))
    assert await world.files() == ()
    assert world.queue.aborted

    async def nothing(unit: UnitOfWork) -> bool:
        people = await unit.users.find(PLATFORM, "1001")
        return people is None and await unit.songs.get(song_id) is None

    assert await world.desk.read(nothing)
    assert await due_cards(PLATFORM, desk=world.desk) == []
    await world.desk.media.put(late, b"an engine was still at work")
    await sweep(desk=world.desk)
    assert await world.files() == ()
    assert "nothing" in said(await press("1:erase:0:yes", ANN, desk=world.desk, origin=HERE))


async def test_link_makes_one_listener_and_unlink_two(world: World) -> None:
    mine = await world.finished()
    await accept(ANN, desk=world.desk)
    await run(world, "genres", action="add", words="jazz")
    await run(world, "genres", OTHER, action="add", words="metal")
    await press(f"1:vote:{mine}:up", ANN, desk=world.desk, origin=HERE)
    offered = said(await run(world, "link"))
    code = offered.split("/link ")[1].split()[0]
    assert "your own code" in said(await run(world, "link", code=code))
    assert "one listener" in said(await run(world, "link", OTHER, code=code.lower()))
    assert "wrong" in said(await run(world, "link", OTHER, code=code))  # used up
    assert await has_accepted(OTHER, desk=world.desk)
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
    await press(f"1:vote:{song_id}:up", ANN, desk=world.desk, origin=HERE)
    world.clock.forward(10)

    async def far_vote(unit: UnitOfWork) -> None:
        user = await unit.users.find_or_create(OTHER.platform, OTHER.account_id, OTHER.username, world.clock.now())
        await unit.votes.cast(generation_id=song_id, user_id=user.id, now=world.clock.now(), vote="down")

    await world.desk.commit(far_vote)
    code = said(await run(world, "link")).split("/link ")[1].split()[0]
    said(await run(world, "link", OTHER, code=code))
    assert await votes(world, song_id) == (0, 1)
