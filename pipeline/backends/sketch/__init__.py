"""The sketch engine: a plan is arranged by rule, played on General MIDI sounds and mixed, in about a second.

Open `composer.py` first: it is the port. `arrangement.py` turns a plan into a Score, `rendering.py` and `mixing.py`
make it sound. `bot.engines` opens it for music workers.
"""
