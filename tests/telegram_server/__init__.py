"""A Telegram of the tests' own: a local Bot API server and the people who use it.

Tests run the unmodified python-telegram-bot against it (`serve_telegram`), act as people (`server.person`),
look at what the chats hold, and make the network fail (`server.faults`). What the Bot API refuses is refused
in its words and kept as a violation, which fails the test that did not expect it.
"""

from tests.telegram_server.faults import Limit, RateLimits
from tests.telegram_server.server import TelegramServer, serve_telegram
from tests.telegram_server.user_client import Person
from tests.telegram_server.world import Chat, Message, User

__all__ = ["Chat", "Limit", "Message", "Person", "RateLimits", "TelegramServer", "User", "serve_telegram"]
