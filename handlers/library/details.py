"""/show and ⋯ Details: how a song was made, with its file for whoever may have it."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.library.history import which_song
from handlers.request import Request
from handlers.responses import File, Reply, Response, shortened
from handlers.serialization import mood_from_json, stored_plan
from handlers.songs.access import visible_song
from handlers.songs.caption import mood_line, reason_line, song_buttons
from handlers.songs.credit import CREDIT
from handlers.songs.remarks import REMARKS, remark_lines
from handlers.texts import sentence
from storage.errors import MediaError
from storage.repositories.emotions import EmotionRow
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork

MADE_WITH = "made_with"  # libraries and their versions


HIDDEN = ("seed", "model", REMARKS, MADE_WITH, CREDIT)  # of a song's parameters; they have a place of their own


async def show_song(request: Request) -> Response:
    """Show a song in full, with its file for whoever may have it."""
    song_id = request.number("id")
    if song_id is None:
        return await which_song("show", request)
    return Response(await details(song_id, request, with_file=True))


async def details(song_id: int, request: Request, *, with_file: bool = False) -> Reply:
    """Tell how a song was made: brief, prompt, parameters, seed, id. Raises UnknownSong."""

    async def load_song(unit: UnitOfWork) -> tuple[SongRow, EmotionRow | None, tuple[int, int]]:
        song = await visible_song(song_id, request.sender, origin=request.origin, unit=unit)
        return song, await unit.emotions.latest(song.session_id), await unit.votes.counts(song_id)

    song, mood, (up, down) = await request.deps.read(load_song)
    files = await _load_file(song, request) if with_file else ()
    heard = song.audio_path is not None
    buttons = song_buttons(request.locale, song.id, up=up, down=down) if with_file and heard else ()
    return Reply(shortened("\n".join(_detail_lines(song, mood, request.locale))), buttons, files)


def _detail_lines(song: SongRow, mood: EmotionRow | None, locale: str) -> list[str]:
    lines = [sentence(locale, "details_head", id=song.id, state=sentence(locale, f"stage_{song.status.value}"))]
    if mood is not None and mood.extra is not None:
        lines.append(mood_line(locale, mood_from_json(mood.extra), chosen=bool(mood.extra.get("chosen"))))
    if song.error_code is not None:
        facts = {key: value for key, value in (song.error or {}).items() if isinstance(value, (str, int, float))}
        lines.append(sentence(locale, song.error_code, **facts))
    if song.brief is None or song.params is None:
        return lines
    plan = stored_plan(song)
    return [
        *lines,
        reason_line(locale, plan.reason),
        sentence(locale, "details_brief", style=plan.brief.style, bpm=plan.brief.bpm, key=plan.brief.key or "–"),
        sentence(locale, "details_instruments", instruments=", ".join(plan.brief.instruments)),
        sentence(locale, "details_engine", engine=song.model or plan.params.model, seed=plan.params.seed),
        sentence(locale, "details_settings", settings=settings_text(song.params)),
        *remark_lines(locale, song.params),
        sentence(locale, "details_prompt", prompt=plan.prompt),
    ]


def settings_text(params: Mapping[str, object]) -> str:
    """List what was set, then what it was made with: "top_k 250, …, numpy 2.1"; what was not asked for is left out."""
    made_with = params.get(MADE_WITH)
    shown = {name: value for name, value in params.items() if name not in HIDDEN and value is not None}
    shown |= made_with if isinstance(made_with, dict) else {}
    return ", ".join(f"{name} {value}" for name, value in shown.items())


async def _load_file(song: SongRow, request: Request) -> tuple[File, ...]:
    if song.audio_path is None:
        return ()
    try:
        return (File(f"selfietune-{song.id}.mp3", await request.deps.media.get(song.audio_path)),)
    except MediaError:
        return ()
