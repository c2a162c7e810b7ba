"""Tokens and addresses of the chat platforms; `selfietune run` serves each that has a token."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator


class ChatSettings(BaseModel):
    """Chat platforms.

    Set at least one token for `selfietune run`; `make chat` installs their libraries.
    """

    discord_token: SecretStr | None = Field(
        None, description='From https://discord.com/developers/applications, page "Bot".'
    )
    selfie_channels: str = Field(
        "",
        description="Discord's channels where every picture is taken as a selfie: names or ids, with commas. Needs the "
        "message content intent (docs/discord.md); without it, mentions, commands and direct messages work all "
        "the same.",
    )
    discord_shard_count: int | None = Field(
        None,
        ge=1,
        description="Several chat processes can share the servers: how many shards there are. Empty: as many as "
        "Discord asks for.",
    )
    discord_shard_ids: str = Field(
        "", description="Which of the shards this process serves, such as 0,1. Empty: all of them."
    )
    discord_api_url: str | None = Field(
        None, description="Another server that speaks Discord's API, such as a proxy: https://host/api/v10."
    )
    discord_gateway_url: str | None = Field(None, description="The gateway of that server: wss://host.")
    telegram_token: SecretStr | None = Field(None, description="From @BotFather.")
    telegram_api_url: str | None = Field(None, description="A Bot API server of your own. Empty: Telegram's.")
    telegram_webhook_url: str | None = Field(
        None,
        description="Where Telegram shall post updates: https://host/any/path, on port 443, 80, 88 or 8443. "
        "Empty: long polling.",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None,
        description="What Telegram says to prove itself: letters, digits, _ and -. Empty: derived from the token.",
    )
    telegram_webhook_listen: str = Field(
        "127.0.0.1:8443",
        description="Where the webhook listens, behind the proxy that speaks https; it answers GET /health too.",
    )

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
    def _shards_fit(self) -> ChatSettings:
        ids, count = self.shard_ids, self.discord_shard_count
        if ids is not None and (count is None or not set(ids) <= set(range(count))):
            raise ValueError("DISCORD_SHARD_IDS needs DISCORD_SHARD_COUNT, and ids below it")
        return self

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
