"""Agents 3 and 4: a Mood becomes a Brief, and the Brief becomes this listener's Plan.

`handlers.jobs.draft` calls `draft.py` and `personalise.py`; open those first. `writer.py` is the language model's port,
`rules.py` holds what is true of every plan whoever wrote it, `genre_choice.py` is where votes count.
"""
