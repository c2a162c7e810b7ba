"""The queue's jobs, one module each, and what keeps them safe to run twice.

The worker processes run `draft.py`, `render.py`, `deliver.py` and `sweeper.py`: read them in this order to follow a
song. `lease.py` and `attempt.py` hold for all of them who works on a song, and what a failure means.
"""
