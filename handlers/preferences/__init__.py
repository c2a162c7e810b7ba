"""What a listener asks of every song: /genres, /instruments, /tempo, /avoid, /profile, /language.

`handlers.commands` calls one module a command; `store.py` checks and keeps, `taste.py` turns rows and votes into the
Taste that the pipeline follows. Open `store.py` first.
"""
