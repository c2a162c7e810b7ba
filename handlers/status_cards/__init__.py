"""The one message per song that shows how far it is, edited in place.

`bot.card_loop` asks `due.py` which cards have to change, and has an adapter show what `content.py` wrote. Open `due.py`
first.
"""
