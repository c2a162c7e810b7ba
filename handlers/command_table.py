"""Every command, declared once: adapters make their slash commands, menus and help from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    default: str = ""  # the action when none was typed
    private: bool = True  # answered for the person's eyes only, where the platform can


COMMANDS: tuple[Command, ...] = ()


def command_named(name: str) -> Command | None:
    return next((command for command in COMMANDS if command.name == name), None)


def typed_arguments(name: str, text: str) -> dict[str, str]:
    """Read what was typed after a command ("add jazz, lo-fi") into the arguments of `run_command`."""
    raise NotImplementedError
