"""Discord's refusals: HTTP status, JSON code and message. The checks raise them, the server answers them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web

# code: (HTTP status, message), from the documentation's table of JSON error codes.
REFUSALS = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    20012: (403, "You are not authorized to perform this action on this application"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "Maximum number of follow up messages reached"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Tried to perform an operation on an archived thread"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    200000: (400, "Message was blocked by automatic moderation"),
    240000: (400, "Message blocked by harmful links filter"),
}


class Rejected(Exception):
    """A request Discord would refuse. For code 50035, field and reason fill the errors tree."""

    def __init__(self, code: int, *, field: str = "", reason: str = "") -> None:
        super().__init__(f"{code} {REFUSALS[code][1]} {field} {reason}".strip())
        self.code = code
        self.status = REFUSALS[code][0]
        self.field = field
        self.reason = reason

    def response(self) -> web.Response:
        """Answer as Discord does: JSON, and a Content-Type of exactly application/json."""
        body: dict[str, object] = {"message": REFUSALS[self.code][1], "code": self.code}
        if self.code == 50035:
            tree: dict[str, object] = {"_errors": [{"code": self.reason, "message": self.reason}]}
            for part in reversed(self.field.split(".")):
                tree = {part: tree}
            body["errors"] = tree
        return json_response(body, status=self.status)


@dataclass(frozen=True)
class Violation:
    """Something a bot must not do; `code` is Discord's, or 0 where Discord stays silent about it."""

    code: int
    where: str
    detail: str


def json_response(body: object, *, status: int = 200) -> web.Response:
    """Answer with JSON; aiohttp's own helper adds a charset, which Discord does not send."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})
