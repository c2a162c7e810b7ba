"""Every command, declared once: adapters make their slash commands, menus and help from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handlers.songs.create import MAX_NOTE
from handlers.texts.locales import LOCALES
from pipeline.values import EMOTION_LABELS

Suggest = Literal["genre", "instrument", "mood"]


@dataclass(frozen=True, slots=True)
class Option:
    """A blank of a command. `about` is a text code."""

    name: str
    about: str
    kind: Literal["text", "number", "choice", "file"] = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()  # (value, text code)
    suggests: Suggest | None = None  # ask `suggest` while the person types
    longest: int = 500  # characters


@dataclass(frozen=True, slots=True)
class Action:
    """A subcommand ("add" of /genres); goes to run_command as arguments["action"]."""

    name: str
    about: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command has either actions or options of its own. `about` is a text code."""

    name: str
    about: str
    actions: tuple[Action, ...] = ()
    options: tuple[Option, ...] = ()
    default: str = ""  # the action when nothing was typed
    bare: str = ""  # the action when something was typed, but no action's name
    private: bool = True  # answered for the person's eyes only, where the platform can


def _favourites_command(name: str, field: Suggest) -> Command:
    """The command of a list of favourites."""
    blank = Option("words", f"opt_{field}", required=True, suggests=field)
    actions = (
        Action("add", f"act_{name}_add", (blank,)),
        Action("set", f"act_{name}_set", (blank,)),
        Action("remove", f"act_{name}_remove", (blank,)),
        Action("clear", f"act_{name}_clear"),
        Action("show", f"act_{name}_show"),
    )
    return Command(name, f"cmd_{name}", actions, default="show", bare="add")


_MOODS = tuple((label, f"mood_{label}") for label in EMOTION_LABELS)
_LANGUAGES = tuple((tag, f"language_{tag}") for tag in (*(each.tag for each in LOCALES), "auto"))
_PHOTO = Option("photo", "opt_photo", "file", required=True)
_MELODY = Option("melody", "opt_melody", "file")
_NOTE = Option("note", "opt_note", longest=MAX_NOTE)
_SONG = Option("id", "opt_song", "number", required=True)

COMMANDS: tuple[Command, ...] = (
    Command("selfie", "cmd_selfie", options=(_PHOTO, _NOTE, _MELODY), private=False),
    Command(
        "mood",
        "cmd_mood",
        options=(Option("label", "opt_label", "choice", required=True, choices=_MOODS, suggests="mood"), _NOTE),
        private=False,
    ),
    _favourites_command("genres", "genre"),
    _favourites_command("instruments", "instrument"),
    Command(
        "tempo",
        "cmd_tempo",
        (
            Action(
                "set",
                "act_tempo_set",
                (Option("min", "opt_min", "number", required=True), Option("max", "opt_max", "number", required=True)),
            ),
            Action("clear", "act_tempo_clear"),
            Action("show", "act_tempo_show"),
        ),
        default="show",
        bare="set",
    ),
    Command(
        "avoid",
        "cmd_avoid",
        (
            Action("set", "act_avoid_set", (Option("text", "opt_avoid", required=True),)),
            Action("clear", "act_avoid_clear"),
            Action("show", "act_avoid_show"),
        ),
        default="show",
        bare="set",
    ),
    Command(
        "profile",
        "cmd_profile",
        (
            Action("show", "act_profile_show"),
            Action(
                "set",
                "act_profile_set",
                (
                    Option("age", "opt_age", longest=3),
                    Option("gender", "opt_gender", longest=32),
                    Option("notes", "opt_notes"),
                ),
            ),
        ),
        default="show",
        bare="set",
    ),
    Command(
        "language",
        "cmd_language",
        options=(Option("language", "opt_language", "choice", choices=_LANGUAGES),),
    ),
    Command("history", "cmd_history", options=(Option("before", "opt_before", "number"),)),
    Command("show", "cmd_show", options=(_SONG,)),
    Command("again", "cmd_again", options=(_SONG,), private=False),
    Command(
        "extend",
        "cmd_extend",
        options=(_SONG, Option("seconds", "opt_seconds", "number")),
        private=False,
    ),
    Command("queue", "cmd_queue"),
    Command("cancel", "cmd_cancel", options=(Option("id", "opt_song", "number"),)),
    Command(
        "privacy",
        "cmd_privacy",
        (
            Action("show", "act_privacy_show"),
            Action("export", "act_privacy_export"),
            Action("delete", "act_privacy_delete"),
        ),
        default="show",
    ),
    Command("link", "cmd_link", options=(Option("code", "opt_code", longest=20),)),
    Command("unlink", "cmd_unlink"),
    Command("help", "cmd_help"),
)


def command_named(name: str) -> Command | None:
    return next((command for command in COMMANDS if command.name == name), None)
