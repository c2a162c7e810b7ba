"""Discord: its events become handlers' events, handlers' answers become its messages. `bot.cli.run` serves it."""
