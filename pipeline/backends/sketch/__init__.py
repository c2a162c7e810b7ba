"""The sketch engine: a plan is arranged by rule, played on General MIDI sounds and mixed, in about a second.

composer.py is the way in. arrangement.py turns a plan into a Score; rendering.py and mixing.py make it sound.
"""
