"""The one message per song that shows how far it is, edited in place.

The card loops of the adapters ask `due.py` which cards have to change, and show what `content.py` wrote. Open `due.py`
first.
"""
