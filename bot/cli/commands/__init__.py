"""One module a command, each with `main(options, settings)`; `bot.cli.parser` names them.

Open `run.py` for the bots, `try_song.py` for a song from a file.
"""
