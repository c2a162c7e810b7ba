"""Telegram: its updates become handlers' events, handlers' answers its messages. `bot.cli.run` serves it."""

PLATFORM = "telegram"
