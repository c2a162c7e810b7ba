"""Telegram: its updates become handlers' events, handlers' responses its messages. `bot.cli.commands.run` serves it.

Open `service.py` first: it puts the parts together. `incoming/` hears people, `outgoing/` shows them songs and cards.
"""
