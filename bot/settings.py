"""Every setting, read from the environment or .env; nothing else in the project reads either."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from handlers.limits import Limits

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


class Settings(BaseSettings):
    """Nothing set at all works: embedded Redis, SQLite, a local folder, template drafts, the sketch engine."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("var")  # everything embedded lives here

    discord_token: SecretStr | None = None
    discord_api_url: str | None = None
    discord_gateway_url: str | None = None
    selfie_channels: str = ""
    discord_shard_ids: str = ""
    discord_shard_count: int | None = Field(None, ge=1)
    telegram_token: SecretStr | None = None
    telegram_api_url: str | None = None
    telegram_webhook_url: str | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_webhook_listen: str = "127.0.0.1:8443"

    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-4o-mini"

    database_url: SecretStr | None = None  # holds a password
    redis_url: SecretStr | None = None
    media_url: str | None = None
    deepface_home: Path | None = None

    music_engine: Literal["auto", "musicgen", "sketch"] = "auto"
    musicgen_model: str = "small"
    musicgen_home: Path | None = None
    musicgen_hub: str | None = None
    musicgen_device: Literal["auto", "cpu", "cuda"] = "auto"
    musicgen_precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = "auto"
    musicgen_slots: int | None = Field(None, ge=1)
    musicgen_steer_from_avoid: bool = False
    face_detector: Literal["auto", "yunet", "opencv"] = "auto"

    stale_after_s: float = Field(30.0, gt=0)
    beat_every_s: float = Field(1.0, gt=0)
    sweep_every_s: int = Field(10, ge=1, le=60)
    max_attempts: int = Field(3, ge=1)
    read_timeout_s: float = Field(100.0, gt=0)
    writing_timeout_s: float = Field(20.0, gt=0)
    render_timeout_s: float = Field(900.0, gt=0)
    songs_in_work: int = Field(3, ge=1)
    songs_per_day: int = Field(30, ge=1)
    ask_s: float = Field(120.0, gt=0)
    card_every_s: float = Field(3.0, gt=0)
    slow_card_every_s: float = Field(5.0, gt=0)
    deliver_patience_s: float = Field(600.0, gt=0)

    @field_validator("database_url")
    @classmethod
    def _async_driver(cls, url: SecretStr | None) -> SecretStr | None:
        known = ("mysql+aiomysql://", "sqlite+aiosqlite://")
        if url and not url.get_secret_value().startswith(known):
            raise ValueError(f"must start with {' or '.join(known)}")
        if url and url.get_secret_value().count("@") > 1:  # half of the password would be taken for the host, and shown
            raise ValueError("needs %40 in place of an @ in the password")
        return url

    @field_validator("media_url")
    @classmethod
    def _folder_or_bucket(cls, url: str | None) -> str | None:
        known = ("file://", "s3://")
        if url is not None and not url.startswith(known):
            raise ValueError(f"must start with {' or '.join(known)}")
        return url

    @field_validator("telegram_webhook_listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        if not listen.rpartition(":")[2].isdecimal():
            raise ValueError("must be host:port")
        return listen

    @field_validator("telegram_webhook_url")
    @classmethod
    def _https(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith("https://"):
            raise ValueError("must start with https://")
        return url

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _header_safe(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
            raise ValueError("may hold letters, digits, _ and - only, up to 256 of them")
        return secret

    @model_validator(mode="after")
    def _shards_fit(self) -> Settings:
        ids, count = self.shard_ids, self.discord_shard_count
        if ids is not None and (count is None or not set(ids) <= set(range(count))):
            raise ValueError("DISCORD_SHARD_IDS needs DISCORD_SHARD_COUNT, and ids below it")
        return self

    @classmethod
    def read(cls) -> Settings:
        """Read the environment and .env, or raise pydantic's ValidationError."""
        return cls.model_validate({})

    @property
    def database(self) -> str:
        """The database's URL, its own file where none is set."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{(self.data_dir / 'selfietune.db').absolute()}"

    @property
    def redis(self) -> str | None:
        return self.redis_url.get_secret_value() if self.redis_url else None

    @property
    def telegram_secret(self) -> str | None:
        secret = self.telegram_webhook_secret
        return secret.get_secret_value() if secret else None

    @property
    def selfie_channel_names(self) -> tuple[str, ...]:
        """Names or ids of channels, without #."""
        names = (name.strip().removeprefix("#") for name in self.selfie_channels.split(","))
        return tuple(name for name in names if name)

    @property
    def shard_ids(self) -> tuple[int, ...] | None:
        """The shards that this process shall serve; None leaves all to it. ValueError for what is no number."""
        if not self.discord_shard_ids.strip():
            return None
        return tuple(int(part) for part in self.discord_shard_ids.split(","))

    @property
    def media(self) -> str:
        return self.media_url or (self.data_dir / "media").absolute().as_uri()

    @property
    def weights_home(self) -> Path:
        """The project's own DEEPFACE_HOME."""
        return (self.deepface_home or self.data_dir / "deepface").absolute()

    @property
    def musicgen_weights(self) -> Path:
        """Where MusicGen's models lie, a folder each."""
        return (self.musicgen_home or self.data_dir / "musicgen").absolute()

    @property
    def limits(self) -> Limits:
        return Limits(
            stale_after_s=self.stale_after_s,
            beat_every_s=self.beat_every_s,
            sweep_every_s=self.sweep_every_s,
            max_attempts=self.max_attempts,
            read_timeout_s=self.read_timeout_s,
            writing_timeout_s=self.writing_timeout_s,
            render_timeout_s=self.render_timeout_s,
            songs_in_work=self.songs_in_work,
            songs_per_day=self.songs_per_day,
            ask_s=self.ask_s,
            card_every_s=self.card_every_s,
            slow_card_every_s=self.slow_card_every_s,
            deliver_patience_s=self.deliver_patience_s,
        )
