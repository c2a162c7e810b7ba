"""Write .env.example and docs/settings.md from the descriptions in `bot/setting_groups/`: `make settings`."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.setting_groups.chats import ChatSettings
from bot.setting_groups.data_folder import DataFolder
from bot.setting_groups.engines import EngineSettings
from bot.setting_groups.limits import LimitSettings
from bot.setting_groups.servers import ServerSettings
from bot.setting_groups.writer import WriterSettings

ROOT = Path(__file__).parents[1]
WIDTH = 120
GROUPS: tuple[type[BaseModel], ...] = (
    DataFolder,
    ChatSettings,
    WriterSettings,
    ServerSettings,
    EngineSettings,
    LimitSettings,
)
# S3's own tools read these; they are no settings of ours, and stand below MEDIA_URL, which needs them.
AWS_ABOUT = (
    "For s3:// the variables and files of S3's own tools count, in the environment or in .env: the key that may read, "
    "write, list and delete below the prefix, its region, and the address of a server that is not Amazon's."
)
AWS_LINES = ("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_DEFAULT_REGION=", "AWS_ENDPOINT_URL=https://host")
ENV_INTRO = (
    "Copy this file to .env and set what you need. Nothing set at all works: Redis and the database are embedded, "
    "files lie in ./var, briefs come from templates and songs from the sketch engine."
)
TABLE_HEAD = "| setting | default | what it is |\n|---|---|---|\n"
ENV_SOURCE = "Made by `make settings` from bot/setting_groups/: change a description there."
PAGE_INTRO = """\
# Settings

<!-- Made by `make settings` from bot/setting_groups/: change a description there. -->

Settings come from the environment, or from a file `.env` in the working directory; the environment wins. Nothing set at
all works: Redis and the database are embedded, files lie in `./var`, briefs come from templates and songs from the
sketch engine. `.env.example` lists the same settings to copy from, and `selfietune doctor` says what is missing.
"""


def main() -> None:
    for name, text in files().items():
        (ROOT / name).write_text(text)


def files() -> dict[str, str]:
    """Give the text of each generated file by its path below the repository."""
    return {".env.example": env_example(), "docs/settings.md": settings_page()}


def env_example() -> str:
    lines = [*_comment(ENV_INTRO), *_comment(ENV_SOURCE), ""]
    for group in GROUPS:
        if group is not DataFolder:
            lines += ["", f"# --- {_title(group)} ---", *_comment(_about(group)), ""]
        for name, field in fields_of(group):
            lines += [*_comment(field.description or ""), f"{name.upper()}={default_of(field)}"]
            if name == "media_url":
                lines += [*_comment(AWS_ABOUT), *(f"# {line}" for line in AWS_LINES)]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    parts = [PAGE_INTRO]
    for group in GROUPS:
        rows = [_row(name, field) for name, field in fields_of(group)]
        parts.append(f"\n## {_title(group)}\n\n{_about(group)}\n\n{TABLE_HEAD}" + "".join(rows))
        if group is ServerSettings:
            names = ", ".join(f"`{line.partition('=')[0]}`" for line in AWS_LINES)
            parts.append("\n" + textwrap.fill(f"{AWS_ABOUT} {names}.", WIDTH) + "\n")
    return "".join(parts)


def fields_of(group: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Give the fields that a group declares itself, in their order."""
    own = group.__annotations__
    return ((name, field) for name, field in group.model_fields.items() if name in own)


def default_of(field: FieldInfo) -> str:
    """Write a default as it stands in a file of settings; empty for none."""
    value = field.default
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _row(name: str, field: FieldInfo) -> str:
    default = default_of(field)
    shown, about = f"`{default}`" if default else "empty", field.description or ""
    return f"| `{name.upper()}` | {shown} | {about} |\n"


def _title(group: type[BaseModel]) -> str:
    """Give the first line of the group's docstring."""
    return inspect.cleandoc(group.__doc__ or "").partition("\n")[0].removesuffix(".")


def _about(group: type[BaseModel]) -> str:
    """Give what stands below that line."""
    return inspect.cleandoc(group.__doc__ or "").partition("\n\n")[2]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


if __name__ == "__main__":
    main()
