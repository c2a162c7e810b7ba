"""Which engines there are and which work here: the only place that turns settings and names into engines.

A row of ENGINES is all that the command line, the workers and `doctor` know of one. Importing this is light; an
engine's libraries are imported when it is opened, by workers and by commands that do without them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import UserError
from bot.settings import Settings
from handlers.texts import terminal_sentence
from pipeline.audio.composer import Composer
from pipeline.backends.musicgen.engine_choice import Chosen, has_package, missing_files, pick_engine
from pipeline.brief.writer import Writer
from pipeline.errors import EngineFailed

log = logging.getLogger(__name__)

AUTO: Final = "auto"
MUSICGEN = "musicgen"
MODEL = r"-[A-Za-z0-9][\w.-]{0,60}"  # after the name of an engine that has several


def _nothing(_: Settings) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that songs can ask for: by its name, or "name-model" where it has models."""

    name: str
    open: Callable[[Settings], Composer]  # raises EngineFailed, RuntimeError or OSError where it does not load
    always: bool = False  # needs no set-up: every worker has it beside the one that is chosen
    lacks: Callable[[Settings], str | None] = _nothing  # what has to be installed or fetched before it opens
    remedy: str = ""  # code of the advice that `doctor` gives then, without its "doctor_"
    select: Callable[[str, Settings], Settings | None] | None = None  # by model: settings that open it; None: unknown

    def settings_for(self, asked: str, settings: Settings) -> Settings | None:
        """Give the settings under which this engine is what was asked for, None where it is another's name."""
        if self.select is not None:
            return self.select(asked, settings)
        return settings if asked == self.name else None


def _open_sketch(_: Settings) -> Composer:
    from pipeline.backends.sketch.composer import SketchComposer

    return SketchComposer()


def _open_musicgen(settings: Settings) -> Composer:
    """Raises EngineFailed "music_extra_missing", and what `loading.load` raises."""
    if not has_package():
        raise EngineFailed("music_extra_missing")
    from pipeline.backends.musicgen.composer import Options, open_composer

    return open_composer(
        settings.musicgen_model,
        settings.musicgen_weights,
        Options(
            device=None if settings.musicgen_device == AUTO else settings.musicgen_device,
            precision=None if settings.musicgen_precision == AUTO else settings.musicgen_precision,
            slots=settings.musicgen_slots,
            negative_prompt=settings.musicgen_steer_from_avoid,
        ),
    )


def _musicgen_lacks(settings: Settings) -> str | None:
    missing = missing_files(settings.musicgen_model, settings.musicgen_weights)
    return missing[0] if missing else None if has_package() else "torch"


def _select_musicgen(asked: str, settings: Settings) -> Settings | None:
    """Find the model that is shown under a name: the one that is set, or another whose weights lie beside it."""
    folder = Path(settings.musicgen_model).name
    if asked in (MUSICGEN, folder, f"{MUSICGEN}-{folder}"):
        return settings
    other = asked.removeprefix(f"{MUSICGEN}-")
    known = other != asked and Path(other).name == other and (settings.musicgen_weights / other).is_dir()
    return settings.model_copy(update={"musicgen_model": other}) if known else None


ENGINES: tuple[Engine, ...] = (
    Engine("sketch", _open_sketch, always=True),
    Engine(MUSICGEN, _open_musicgen, lacks=_musicgen_lacks, remedy="do_engine_lacks", select=_select_musicgen),
)


def engine_names() -> tuple[str, ...]:
    return tuple(each.name for each in ENGINES)


def engine_named(name: str) -> Engine:
    return next(each for each in ENGINES if each.name == name)


def is_engine(asked: str) -> bool:
    """Whether a song may ask for this; that its model is here is for a worker to say."""
    names = (each.name + (f"({MODEL})?" if each.select else "") for each in ENGINES)
    return re.fullmatch("|".join((AUTO, *names)), asked, re.ASCII) is not None


def check_engine(settings: Settings) -> None:
    """Raise UserError "bad_settings" where MUSIC_ENGINE names no engine."""
    *most, last = (repr(name) for name in (AUTO, *engine_names()))
    if settings.music_engine not in (AUTO, *engine_names()):
        raise UserError("bad_settings", problems=f"MUSIC_ENGINE: Input should be {', '.join(most)} or {last}")


def chosen_engine(settings: Settings) -> Chosen:
    """Say which engine makes songs here that name none, and why."""
    return pick_engine(settings.music_engine, model=settings.musicgen_model, home=settings.musicgen_weights)


def preferring(asked: str, settings: Settings) -> Settings:
    """Give settings under which a worker opens this engine, where it can: who names one has chosen."""
    for engine in ENGINES:
        found = engine.settings_for(asked, settings)
        if found is not None and not engine.always and engine.lacks(found) is None:
            return found.model_copy(update={"music_engine": engine.name})
    return settings


def open_composers(settings: Settings) -> list[Composer]:
    """Load every engine of this worker, the one for songs that name none first.

    Beside it are those that need nothing, for songs that ask for them; they are alone where `auto` chose one that does
    not load. Raises what opening the engine raises where it was asked for.
    """
    chosen = chosen_engine(settings)
    beside = [each for each in ENGINES if each.always and each.name != chosen.engine]
    try:
        opened = [engine_named(chosen.engine).open(settings)]
    except (EngineFailed, RuntimeError, OSError, ImportError) as error:  # also torch's, of a device without room
        if settings.music_engine != AUTO or not beside:
            raise
        names = ", ".join(each.name for each in beside)
        log.warning("songs are made by %s, for %s does not load: %s", names, chosen.engine, _why(error))
        opened = []
    else:
        log.info("songs are made by %s (%s%s)", opened[0].name, chosen.reason, _listed(chosen))
    return [*opened, *(each.open(settings) for each in beside)]


def _why(error: Exception) -> str:
    return terminal_sentence("en", error.code, **error.facts) if isinstance(error, EngineFailed) else repr(error)


def _listed(chosen: Chosen) -> str:
    return "".join(f", {name} {value}" for name, value in chosen.facts)


def open_composer(name: str, settings: Settings) -> Composer:
    """Load the engine of this name, as a song's row carries it, or of this family.

    Raises EngineFailed "unknown_engine", and what opening it raises.
    """
    for engine in ENGINES:
        found = engine.settings_for(name, settings)
        if found is not None:
            return engine.open(found)
    raise EngineFailed("unknown_engine", engine=name)


@asynccontextmanager
async def open_writer(settings: Settings) -> AsyncIterator[Writer | None]:
    """Connect to the language model, or give None where no key is set: briefs then come from templates."""
    if settings.openai_api_key is None:
        yield None
        return
    from pipeline.backends.openai_writer import OpenAIWriter

    async with OpenAIWriter(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_model,
    ) as writer:
        yield writer
