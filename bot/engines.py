"""Which engines work here: the only place that turns settings and names into engines.

Called by workers and by commands that do without them, never by the chat process: engines are heavy.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.settings import Settings
from handlers.texts import terminal_sentence
from pipeline.audio.composer import Composer
from pipeline.backends.musicgen.engine_choice import Chosen, has_package, missing_files, pick_engine
from pipeline.brief.writer import Writer
from pipeline.errors import EngineFailed

log = logging.getLogger(__name__)

MUSICGEN = "musicgen"


def chosen_engine(settings: Settings) -> Chosen:
    """Say which engine makes songs here that name none, and why."""
    return pick_engine(settings.music_engine, model=settings.musicgen_model, home=settings.musicgen_weights)


def preferring(engine: str, settings: Settings) -> Settings:
    """Give settings under which a worker opens this engine, where its weights are here: who names one has chosen."""
    model = _model_of(engine, settings)
    if model is None or not has_package() or missing_files(model, settings.musicgen_weights):
        return settings
    return settings.model_copy(update={"music_engine": MUSICGEN, "musicgen_model": model})


def open_composers(settings: Settings) -> list[Composer]:
    """Load every engine of this worker, the one for songs that name none first.

    The sketch engine needs nothing, so it is there beside MusicGen too, for songs that ask for it, and alone where
    `auto` chose a MusicGen that does not load. Raises what `open_composer` raises where MusicGen was asked for.
    """
    chosen, sketch = chosen_engine(settings), open_composer("sketch", settings)
    if chosen.engine == MUSICGEN:
        try:
            composer = open_composer(MUSICGEN, settings)
        except (EngineFailed, RuntimeError, OSError, ImportError) as error:  # also torch's, of a device without room
            if settings.music_engine != "auto":
                raise
            log.warning("songs are made by sketch, for MusicGen does not load: %s", _why(error))
            return [sketch]
        log.info("songs are made by %s (%s%s)", composer.name, chosen.reason, _listed(chosen))
        return [composer, sketch]
    log.info("songs are made by %s (%s%s)", chosen.engine, chosen.reason, _listed(chosen))
    return [sketch]


def _why(error: Exception) -> str:
    return terminal_sentence("en", error.code, **error.facts) if isinstance(error, EngineFailed) else repr(error)


def open_composer(name: str, settings: Settings) -> Composer:
    """Load the engine of this name, as a song's row carries it, or of this kind.

    Raises EngineFailed "unknown_engine" or "music_extra_missing", and what `loading.load` raises.
    """
    if name == "sketch":
        from pipeline.backends.sketch.composer import SketchComposer

        return SketchComposer()
    model = _model_of(name, settings)
    if model is None:
        raise EngineFailed("unknown_engine", engine=name)
    if not has_package():
        raise EngineFailed("music_extra_missing")
    from pipeline.backends.musicgen.composer import Options
    from pipeline.backends.musicgen.composer import open_composer as open_musicgen

    return open_musicgen(
        model,
        settings.musicgen_weights,
        Options(
            device=None if settings.musicgen_device == "auto" else settings.musicgen_device,
            precision=None if settings.musicgen_precision == "auto" else settings.musicgen_precision,
            slots=settings.musicgen_slots,
            negative_prompt=settings.musicgen_steer_from_avoid,
        ),
    )


def _model_of(name: str, settings: Settings) -> str | None:
    """Find the model that is shown under a name: the one that is set, or another whose weights lie beside it."""
    ours = settings.musicgen_model
    folder = Path(ours).name
    if name in (MUSICGEN, folder, f"{MUSICGEN}-{folder}"):
        return ours
    other = name.removeprefix(f"{MUSICGEN}-")
    known = other != name and Path(other).name == other and (settings.musicgen_weights / other).is_dir()
    return other if known else None


def _listed(chosen: Chosen) -> str:
    return "".join(f", {name} {value}" for name, value in chosen.facts)


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
