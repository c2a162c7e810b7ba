"""A local server that speaks the chat-completions protocol, one prepared answer after another.

It answers on a real socket, so that the real client meets status codes, headers, hangs and cut connections.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Answer:
    """What the server does with one request."""

    content: str | None = None
    refusal: str | None = None
    finish_reason: str = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None  # sent as it is instead of a completion
    hang: bool = False  # never answers
    cut: bool = False  # closes the connection without an answer


@dataclass
class OpenAIServer:
    """The server's side: its address, the answers to give, the requests it got."""

    base_url: str = ""
    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorisations: list[str] = field(default_factory=list)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.authorisations.append(request.headers.get("Authorization", ""))
        answer = self.answers.pop(0)
        if answer.hang:
            await asyncio.Event().wait()
        if answer.cut:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if answer.body is not None:
            return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
        if answer.status != 200:
            error = {"error": {"message": "no", "type": "error", "code": str(answer.status)}}
            return web.json_response(error, status=answer.status, headers=answer.headers)
        return web.json_response(_completion(answer))


@asynccontextmanager
async def openai_server(*answers: Answer) -> AsyncIterator[OpenAIServer]:
    """A server on a free port that gives these answers in turn; hanging requests end with it."""
    server = OpenAIServer(answers=list(answers))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def brief_json(**changes: object) -> str:
    """A valid answer to either request, with changes."""
    brief: dict[str, object] = {
        "style": "melancholic lofi piano",
        "mood": "wistful, tender",
        "bpm": 72,
        "key": "A minor",
        "instruments": ["soft piano", "warm pads", "gentle percussion"],
        "sections": [
            {"start_s": 0, "end_s": 8, "text": "sparse intro"},
            {"start_s": 8, "end_s": 22, "text": "main theme with light bass"},
            {"start_s": 22, "end_s": 30, "text": "soft breakdown"},
        ],
        "mix": ["warm", "wide"],
        "avoid": ["vocals", "heavy drums"],
        "description": "rain on a window",
    }
    return json.dumps(brief | changes)


def _completion(answer: Answer) -> dict[str, object]:
    message = {"role": "assistant", "content": answer.content, "refusal": answer.refusal}
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test",
        "choices": [choice],
        "usage": usage,
    }
