"""Database, Redis and media: what all processes share."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from bot.setting_groups.data_folder import DataFolder


class ServerSettings(DataFolder):
    """Servers.

    All processes must share them.
    """

    database_url: SecretStr | None = Field(  # holds a password
        None,
        description="mysql+aiomysql://user:password@host:3306/database, or sqlite+aiosqlite:////absolute/path. "
        "Empty: SQLite in DATA_DIR.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="redis://host:6379/0 or unix:///path/to/socket. Needed by `worker`; `try` and `run` start one of "
        "their own, and the workers.",
    )
    media_url: str | None = Field(
        None,
        description="file:///folder or s3://bucket/prefix; must be reachable by every process. Empty: DATA_DIR/media.",
    )

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
    def media(self) -> str:
        return self.media_url or (self.data_dir / "media").absolute().as_uri()
