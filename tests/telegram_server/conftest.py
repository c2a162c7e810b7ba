"""A server for each test, and the real library as its client: a bare Bot, or an Application that runs."""

from __future__ import annotations

import io
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from PIL import Image
from telegram import Bot, Update
from telegram.ext import AIORateLimiter, Application, BaseHandler, ContextTypes
from telegram.request import HTTPXRequest

from tests.telegram_server import TelegramServer, serve_telegram

PUBLIC = "https://songs.example"
Handler = BaseHandler[Update, ContextTypes.DEFAULT_TYPE, object]
Run = Callable[..., AbstractAsyncContextManager[object]]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it the library warns at every RetryAfter and duration
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # it would send loopback through a proxy of the environment


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with serve_telegram() as running:
        yield running


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(
        server.token,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=HTTPXRequest(read_timeout=0.5),
    ) as client:
        yield client


@pytest.fixture
def run(server: TelegramServer) -> Run:
    """Run an Application with these handlers by polling, or by webhook under a secret."""

    @asynccontextmanager
    async def running(
        *handlers: Handler,
        secret: str = "",
        allowed: tuple[str, ...] = tuple(Update.ALL_TYPES),
    ) -> AsyncIterator[None]:
        app = (
            Application.builder().token(server.token)
            .base_url(f"{server.url}/bot").base_file_url(f"{server.url}/file/bot")
            .concurrent_updates(True).rate_limiter(AIORateLimiter()).read_timeout(1)
            .build()
        )  # fmt: skip
        app.add_handlers(handlers)
        assert app.updater
        async with app:
            if secret:
                door = socket.create_server(("127.0.0.1", 0))
                door.setblocking(False)
                server.updates.proxy[PUBLIC] = f"http://127.0.0.1:{door.getsockname()[1]}"
                await app.updater.start_webhook(
                    unix=door, url_path="/hook", webhook_url=f"{PUBLIC}/hook",
                    secret_token=secret, allowed_updates=allowed,
                )  # fmt: skip
            else:
                await app.updater.start_polling(allowed_updates=allowed)
            await app.start()
            yield
            await app.updater.stop()
            await app.stop()

    return running


@pytest.fixture(scope="session")
def picture() -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize((1000, 600)).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def song() -> bytes:
    return b"ID3" + bytes(2000)
