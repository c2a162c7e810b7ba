"""The whole story, told the same on every platform: a selfie becomes a song, and its listener's word changes the next.

A platform is what a person does there, as `tests.listener` lists it; each adds its own to PLATFORMS.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.cli.terminal_listener import at_the_terminal
from tests.bot.discord.listener import on_discord
from tests.bot.telegram.listener import on_telegram
from tests.line_chat.listener import on_lines
from tests.listener import Ground, Listener, Platform

PLATFORMS: dict[str, Platform] = {
    "terminal": at_the_terminal,
    "discord": on_discord,
    "telegram": on_telegram,
    "lines": on_lines,  # of tests alone: a platform is its adapter and nothing else
}


@pytest.fixture(params=PLATFORMS)
async def ann(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, tmp_path: Path, weights_home: Path
) -> AsyncIterator[Listener]:
    async with PLATFORMS[request.param](Ground(database_url, redis_url, tmp_path, weights_home)) as listener:
        yield listener


async def test_a_selfie_becomes_a_song_and_what_is_said_of_it_changes_the_next(
    ann: Listener, portrait: Path, tmp_path: Path
) -> None:
    first = await ann.sends(portrait)
    assert ("photo" in first.told) == ann.asks_first
    assert re.search("photo|mood", first.progress[0])
    assert len(first.progress) > 1  # the card moved
    assert "happy" in first.words.lower()
    assert "%" in first.words
    assert first.audio.startswith(b"ID3")
    assert first.picture.startswith((b"\x89PNG", b"\xff\xd8"))
    await ann.photos_are_gone()

    await ann.votes(first.song_id, "up", who="bob")
    await ann.votes(first.song_id, "up", who="ann")
    await ann.sees_votes(first.song_id, up=2, down=0)
    await ann.votes(first.song_id, "down", who="ann")
    await ann.sees_votes(first.song_id, up=1, down=1)

    (tmp_path / "me.jpg").write_text("Dear bot,")
    assert "neither a photo nor a video" in await ann.is_refused(tmp_path / "me.jpg")

    await ann.prefers(genre="bossa nova", bpm=(70, 80))
    second = await ann.sends(portrait)
    assert second.told == ""
    assert "bossa nova" in second.words.lower()
    tempo = re.search(r"(\d+) BPM", second.words)
    assert tempo
    assert 70 <= int(tempo[1]) <= 80
    assert second.audio != first.audio
    assert await ann.songs() == [second.song_id, first.song_id + 1, first.song_id]
    await ann.photos_are_gone()
