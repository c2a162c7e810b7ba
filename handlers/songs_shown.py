"""/history, /show, /queue, /cancel and ⋯: songs as their listeners look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from handlers.call import Call
from handlers.cancelling import cancel_song
from handlers.captions import mood_line, reason_line, song_buttons
from handlers.estimating import Pace, read_pace
from handlers.recipe import stored_plan
from handlers.records import label_from, mood_from_json
from handlers.refusing import wait_words
from handlers.remarks import REMARKS, remark_lines
from handlers.replies import Answer, Button, File, Reply, Rows
from handlers.seeing import LARGEST_ID, visible_song
from handlers.texts import sentence, song_title
from handlers.tokens import Press
from storage.errors import MediaError
from storage.repositories.emotions import MoodRow
from storage.repositories.song_rows import HistoryRow, SongRow
from storage.song_states import State
from storage.unit_of_work import UnitOfWork

PAGE = 5  # songs; with links they fill a message
MAX_TEXT = 1900
MADE_WITH = "made_with"  # libraries and their versions
HIDDEN = ("seed", "model", REMARKS, MADE_WITH)  # of a song's parameters; they have a place of their own
THUMBS = {"up": " 👍", "down": " 👎", None: ""}


async def show_history(call: Call) -> Answer:
    """List the person's songs, newest first, with their vote and a link where the platform makes one."""
    before = call.number("before")
    if before is not None:
        before = min(before, LARGEST_ID)

    async def look(unit: UnitOfWork) -> tuple[Sequence[HistoryRow], Mapping[int, Mapping[str, object]]]:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        songs = await unit.lists.history(user.id, limit=PAGE + 1, before_id=before) if user else []
        return songs, await unit.deliveries.refs_of([song.id for song in songs])

    songs, refs = await call.desk.read(look)
    if not songs:
        return Answer(Reply(sentence(call.locale, "history_end" if before else "history_none")))
    shown = songs[:PAGE]
    lines = [_line(song, refs.get(song.id, {}), call.locale) for song in shown]
    older = Button(sentence(call.locale, "button_older"), Press("history", 0, str(shown[-1].id)).token)
    return Answer(Reply(_short("\n".join(lines)), ((older,),) if len(songs) > PAGE else ()))


async def show_song(call: Call) -> Answer:
    """Show a song in full, with its file for whoever may have it."""
    song_id = call.number("id")
    if song_id is None:
        return await which_song("show", call)
    return Answer(await details(song_id, call, with_file=True))


async def which_song(action: Literal["show", "again"], call: Call) -> Answer:
    """Ask which song is meant, with a button for each of the last ones."""

    async def look(unit: UnitOfWork) -> Sequence[HistoryRow]:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        return await unit.lists.history(user.id, limit=PAGE) if user else []

    songs = await call.desk.read(look)
    heard = [song for song in songs if song.status == State.DELIVERED and song.emotion]
    rows = tuple((Button(_name(song, call.locale), Press(action, song.id).token),) for song in heard)
    return Answer(Reply(sentence(call.locale, "which_song" if songs else "history_none"), rows))


async def details(song_id: int, call: Call, *, with_file: bool = False) -> Reply:
    """Tell how a song was made: brief, prompt, parameters, seed, id. Raises UnknownSong."""

    async def look(unit: UnitOfWork) -> tuple[SongRow, MoodRow | None, tuple[int, int]]:
        song = await visible_song(song_id, call.by, origin=call.origin, unit=unit)
        return song, await unit.moods.latest(song.session_id), await unit.votes.counts(song_id)

    song, mood, (up, down) = await call.desk.read(look)
    files = await _files(song, call) if with_file else ()
    heard = song.audio_path is not None
    buttons = song_buttons(call.locale, song.id, up=up, down=down) if with_file and heard else ()
    return Reply(_short("\n".join(_details(song, mood, call.locale))), buttons, files)


async def show_queue(call: Call) -> Answer:
    """List the person's songs on their way, with their place and a button to cancel each."""

    async def look(unit: UnitOfWork) -> tuple[list[SongRow], Pace]:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        ids = await unit.lists.in_work(user.id) if user else []
        songs = [await unit.songs.get(song_id) for song_id in ids]
        return [song for song in songs if song is not None], await read_pace(unit)

    songs, pace = await call.desk.read(look)
    if not songs:
        return Answer(Reply(sentence(call.locale, "queue_none", waiting=len(pace.waiting))))
    lines = [_place(song, pace, call.locale) for song in songs]
    return Answer(Reply("\n".join(lines), _cancel_rows(songs, call.locale)))


async def cancel(call: Call) -> Answer:
    """Cancel the song with this id, the only one on its way, or ask which."""
    song_id = call.number("id")
    if song_id is None:
        listed = await show_queue(call)
        assert listed.reply is not None
        if len(listed.reply.buttons) != 1:
            return listed
        song_id = await _only_song(call)
    return Answer(await cancelled(song_id, call))


async def cancelled(song_id: int, call: Call) -> Reply:
    """Cancel a song and say whether that came in time. Raises UnknownSong."""
    done = await cancel_song(song_id, by=call.by, desk=call.desk, origin=call.origin)
    return Reply(sentence(call.locale, "song_cancelled" if done else "already_ended", id=song_id))


async def _only_song(call: Call) -> int:
    async def look(unit: UnitOfWork) -> int:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        ids = await unit.lists.in_work(user.id) if user else []
        return ids[0] if ids else 0

    return await call.desk.read(look)


def _line(song: HistoryRow, ref: Mapping[str, object], locale: str) -> str:
    """#12 · Happy lo-fi · 30 s · 1 March 👍 4/5 link"""
    if song.status != State.DELIVERED or song.emotion is None:
        state = sentence(locale, f"stage_{song.status.value}")
        return f"#{song.id} · {state} · {song.created_at:%Y-%m-%d}"
    name = _name(song, locale)
    score = "" if song.score is None else f" ⭐ {song.score}/5"
    url = f" {ref['url']}" if "url" in ref else ""
    return f"{name} · {song.created_at:%Y-%m-%d}{THUMBS[song.vote]}{score}{url}"


def _name(song: HistoryRow, locale: str) -> str:
    """#12 · Happy lo-fi; short enough for a button, of which Discord shows 80 characters."""
    title = song_title(locale, label_from(song.emotion or "neutral"), song.genre or "")
    return f"#{song.id} · {title[:50]}"


def _details(song: SongRow, mood: MoodRow | None, locale: str) -> list[str]:
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


async def _files(song: SongRow, call: Call) -> tuple[File, ...]:
    if song.audio_path is None:
        return ()
    try:
        return (File(f"selfietune-{song.id}.mp3", await call.desk.media.get(song.audio_path)),)
    except MediaError:
        return ()


def _place(song: SongRow, pace: Pace, locale: str) -> str:
    stage = sentence(locale, f"stage_{song.status.value}")
    minutes = pace.minutes(song.id, song.duration_sec or 30.0)
    wait = "–" if minutes is None else wait_words(locale, minutes)
    return sentence(locale, "queue_line", id=song.id, stage=stage, ahead=pace.ahead(song.id), wait=wait)


def _cancel_rows(songs: Sequence[SongRow], locale: str) -> Rows:
    label = sentence(locale, "button_cancel")
    return tuple((Button(f"{label} #{song.id}", Press("cancel", song.id).token, "bad"),) for song in songs[:5])


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
