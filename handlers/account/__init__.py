"""What belongs to a person as a whole: /privacy (a copy of everything, its removal) and /link, /unlink.

`handlers.commands` calls `privacy.py` and `link.py`; the sweeper finishes what `erase.py` began. Open `privacy.py`
first.
"""
