"""The commands and their options. Each command names the module that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from bot.cli.sampling_options import add_sampling
from bot.engines import ENGINES, engine_names, is_engine
from bot.errors import UserError
from handlers.texts.locales import LOCALES
from pipeline.values import EMOTION_LABELS, MAX_DURATION_S, MIN_DURATION_S

Subparsers = Any  # argparse's own type for this is private


class Parser(argparse.ArgumentParser):
    """Raises UserError instead of exiting, so that --json answers wrong usage in JSON too."""

    def error(self, message: str) -> NoReturn:
        raise UserError("usage", usage=self.format_usage().strip(), problem=message)


def make_parser() -> Parser:
    parser = Parser(prog="selfietune", description="Send a selfie, get a song made for your mood.")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens to stderr")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for add in (_try, _plan, _again, _extend, _listener, _vote, _history, _worker, _run, _doctor, _db, _weights):
        add(commands)
    return parser


def _command(commands: Subparsers, name: str, help_text: str, module: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    command.set_defaults(module=f"bot.cli.commands.{module}")
    return command


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON object to stdout, nothing else")


def _try(commands: Subparsers) -> None:
    command = _command(commands, "try", "make a song from a photo or short video", "try_song")
    command.add_argument("file", metavar="FILE")
    command.add_argument("--listener", metavar="NAME", default="me")
    command.add_argument("--mood", choices=EMOTION_LABELS, help="name the mood instead of having it read")
    _duration(command)
    command.add_argument("--engine", type=_engine, default="auto", metavar=_engine_choices())
    command.add_argument("--seed", type=_number(0, 2**31 - 1), metavar="N")
    command.add_argument("--melody", metavar="SOUND", help="a recording that the song follows, if the engine can")
    add_sampling(command)
    command.add_argument("--out", metavar="DIR", default="songs")
    _json(command)


def _plan(commands: Subparsers) -> None:
    command = _command(commands, "plan", "show the recipe a mood would get, without rendering", "plan")
    command.add_argument("--mood", choices=EMOTION_LABELS, required=True)
    command.add_argument("--confidence", type=_fraction, default=0.9, metavar="P")
    whose = command.add_mutually_exclusive_group()
    whose.add_argument("--listener", metavar="NAME")
    whose.add_argument("--taste", metavar="FILE", help="JSON: fav_genres, fav_instruments, bpm_min, …")
    _duration(command)
    command.add_argument("--seed", type=_number(0, 2**31 - 1), default=0, metavar="N")
    add_sampling(command)
    command.add_argument("--no-llm", action="store_true", help="use the template draft")
    _json(command)


def _again(commands: Subparsers) -> None:
    command = _command(commands, "again", "render a stored recipe once more and compare", "again")
    command.add_argument("song_id", metavar="GENERATION_ID", type=_number(1, 2**63 - 1))
    command.add_argument("--out", metavar="DIR", default="songs")
    _json(command)


def _extend(commands: Subparsers) -> None:
    command = _command(commands, "extend", "make a song that goes on where an earlier one ends", "extend")
    command.add_argument("song_id", metavar="GENERATION_ID", type=_number(1, 2**63 - 1))
    command.add_argument("--by", type=float, default=30.0, metavar="S", help="seconds to go on by")
    command.add_argument("--listener", metavar="NAME", default="me", help="whose song it is")
    command.add_argument("--out", metavar="DIR", default="songs")
    _json(command)


def _listener(commands: Subparsers) -> None:
    command = _command(commands, "listener", "set or show what a listener likes", "listener")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Parser)
    change = actions.add_parser("set")
    change.add_argument("name", metavar="NAME")
    change.add_argument("--genres", metavar="a,b")
    change.add_argument("--instruments", metavar="a,b")
    change.add_argument("--bpm", metavar="MIN-MAX")
    change.add_argument("--avoid", metavar='"x, y"')
    change.add_argument("--locale", choices=[each.tag for each in LOCALES])
    show = actions.add_parser("show")
    show.add_argument("name", metavar="NAME")
    for action in (change, show):
        _json(action)


def _vote(commands: Subparsers) -> None:
    command = _command(commands, "vote", "say what you think of a song", "vote")
    command.add_argument("song_id", metavar="GENERATION_ID", type=_number(1, 2**63 - 1))
    command.add_argument("vote", choices=("up", "down"))
    command.add_argument("--score", type=_number(0, 5), metavar="0..5")
    command.add_argument("--comment", metavar="TEXT")
    command.add_argument("--listener", metavar="NAME", required=True)
    _json(command)


def _history(commands: Subparsers) -> None:
    command = _command(commands, "history", "list a listener's songs", "history")
    command.add_argument("name", metavar="NAME")
    _json(command)


def _worker(commands: Subparsers) -> None:
    command = _command(commands, "worker", "run a worker process until SIGTERM", "worker")
    command.add_argument("kind", choices=("draft", "music"))


def _run(commands: Subparsers) -> None:
    _command(commands, "run", "serve the chat platforms whose tokens are set", "run")


def _doctor(commands: Subparsers) -> None:
    command = _command(commands, "doctor", "check the set-up and say what to do", "doctor")
    _json(command)


def _db(commands: Subparsers) -> None:
    command = _command(commands, "db", "bring the database to a version of its tables", "db")
    command.add_argument("action", choices=("upgrade", "downgrade", "current"))
    command.add_argument("revision", nargs="?", help="for downgrade; the one before by default")


def _weights(commands: Subparsers) -> None:
    command = _command(commands, "weights", "put model files in their place", "weights")
    command.add_argument("action", choices=("build", "fetch"))
    command.add_argument(
        "name",
        nargs="?",
        help="for fetch: yunet, a MusicGen model, or your own folder of one",
    )


def _duration(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--duration",
        type=float,
        default=30.0,
        metavar="S",
        help=f"seconds, {MIN_DURATION_S:.0f} to {MAX_DURATION_S:.0f}",
    )


def _number(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must lie between {low} and {high}")
        return value

    return number


def _engine(text: str) -> str:
    if not is_engine(text):
        names = ", ".join(("auto", *engine_names()))
        raise argparse.ArgumentTypeError(f"must be {names} or a model such as musicgen-small")
    return text


def _engine_choices() -> str:
    """Give "auto|sketch|musicgen|musicgen-MODEL"."""
    names = (name for each in ENGINES for name in (each.name, f"{each.name}-MODEL")[: 2 if each.select else 1])
    return "|".join(("auto", *names))


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value
