"""Every setting, read from the environment or .env; nothing else in the project reads either."""

from __future__ import annotations

import os

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.setting_groups.chats import ChatSettings
from bot.setting_groups.engines import EngineSettings
from bot.setting_groups.limits import LimitSettings
from bot.setting_groups.servers import ServerSettings
from bot.setting_groups.writer import WriterSettings

ENV_FILE = ".env"


def environment(**changed: str) -> dict[str, str]:
    """Give a child process our own environment with some settings changed."""
    return {**os.environ, **changed}


def prefer_timedeltas() -> None:
    """Have python-telegram-bot give durations as timedelta, as it will from its next version on, without a warning."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")


def lend_aws_settings() -> None:
    """Show S3's library the AWS_… lines of .env: it knows the environment alone, which wins here as it does for us."""
    for name, value in dotenv_values(ENV_FILE).items():
        if name.startswith("AWS_") and value:
            os.environ.setdefault(name, value)


class Settings(LimitSettings, EngineSettings, ServerSettings, WriterSettings, ChatSettings, BaseSettings):
    """Nothing set at all works: embedded Redis, SQLite, a local folder, template drafts, the sketch engine.

    The fields stand in `bot/setting_groups/`, a class a concern.
    """

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True)

    @classmethod
    def read(cls) -> Settings:
        """Read the environment and .env, or raise pydantic's ValidationError."""
        return cls.model_validate({})
