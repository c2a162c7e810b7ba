"""One request to the Bot API: its parameters, its files, and the refusal that methods raise."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass(slots=True)
class Rejected(Exception):
    """A refusal in Telegram's words; `mistake` says whether the bot could have known better."""

    code: int
    description: str
    mistake: bool = True
    parameters: Json = field(default_factory=dict)

    def json(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(reason: str, *, mistake: bool = True, **parameters: int) -> Rejected:
    return Rejected(400, f"Bad Request: {reason}", mistake, parameters)


def too_many_requests(retry_after_s: int, *, mistake: bool) -> Rejected:
    text = f"Too Many Requests: retry after {retry_after_s}"
    return Rejected(429, text, mistake, {"retry_after": retry_after_s})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in the request itself."""

    name: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Call:
    """One request as it arrived, and how it ended; `at` is in seconds of time.monotonic()."""

    method: str
    parameters: dict[str, str]
    uploads: dict[str, Upload]
    at: float = field(default_factory=time.monotonic)
    status: int = 0  # 0: no answer was sent
    description: str = ""

    @property
    def chat_id(self) -> int | None:
        value = self.parameters.get("chat_id", "")
        return int(value) if value.lstrip("-").isdigit() else None

    @property
    def is_message(self) -> bool:
        """Whether it counts towards the limits of messages, as edits do."""
        return self.method.startswith(("send", "edit")) and self.method != "sendChatAction"

    def text(self, name: str) -> str:
        return self.parameters.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.parameters.get(name, default))
        except ValueError:
            raise bad_request(f'field "{name}" must be a number') from None

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.parameters.get(name) or "null")
        except json.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file for a field: sent under its name, or attached under another."""
        value = self.parameters.get(name, "")
        return self.uploads.get(value.removeprefix("attach://") if value.startswith("attach://") else name)


async def read_call(request: web.Request) -> Call:
    """Read a request in one of the forms the Bot API takes: query, form or multipart."""
    parameters, uploads = dict(request.query), {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file:
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            parameters[name] = str(value)
    return Call(request.match_info["method"], parameters, uploads)
