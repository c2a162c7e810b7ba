"""Which language a person hears."""

from __future__ import annotations

from handlers.intake.consent import accept
from handlers.preferences.language import language_of
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from tests.handlers.world import ANN, BOB, World, menu, pressed, said


async def test_the_language_set_overrules_the_platforms(world: World) -> None:
    assert await language_of(ANN, "zh-TW", deps=world.deps) == "zh-hant"
    assert await language_of(ANN, "fr", deps=world.deps) == "en"
    await accept(ANN, deps=world.deps)
    from handlers.preferences.store import PreferenceChanges, set_preferences

    await set_preferences(ANN, PreferenceChanges(locale="zh"), deps=world.deps)
    assert await language_of(ANN, "en-GB", deps=world.deps) == "zh"
    song_id = await world.selfie(options=SongOptions(locale="en", interactive=True))
    assert from_json(SongOptions, (await world.song(song_id)).options).locale == "zh"


async def test_where_the_platform_tells_no_language_the_last_song_does(world: World) -> None:
    assert await language_of(ANN, None, deps=world.deps) == "en"
    await world.selfie(options=SongOptions(locale="zh", interactive=True))
    assert await language_of(ANN, None, deps=world.deps) == "zh"
    assert await language_of(ANN, "en-GB", deps=world.deps) == "en"
    assert await language_of(BOB, None, deps=world.deps) == "en"


async def test_a_button_sets_the_language_and_auto_follows_the_platform_again(world: World) -> None:
    assert "1:language:0:zh-hant" in await menu(world, "language")
    chosen = await pressed(world, "1:language:0:zh-hant")
    assert chosen.edit
    assert await language_of(ANN, "en-GB", deps=world.deps) == "zh-hant"
    assert said(await pressed(world, "1:language:0:auto"))
    assert await language_of(ANN, "en-GB", deps=world.deps) == "en"
