"""Songs as their listeners look them up: /history, /show, /queue, /cancel.

`handlers.commands` calls these, the command line reads `story.py`. Open `history.py` first.
"""
