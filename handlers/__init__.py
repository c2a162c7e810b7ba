"""What the bot does, on no platform in particular: one function per event, a folder per feature.

Adapters, workers and the command line in `bot` call these; below are `pipeline` and `storage`. Open
`commands/registry.py` to see every command, `jobs/draft.py` to follow a song, `ports.py` for what `bot` provides.
"""
