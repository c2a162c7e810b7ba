"""Agent 2's port, and what happens to a waveform after it was composed.

`handlers.jobs` renders through `composer.py`, which `pipeline.backends` implements, and then calls `finishing.py`:
ending, loudness, .mp3, recipe tag, picture. Open `composer.py` first, then `finishing.py`.
"""
