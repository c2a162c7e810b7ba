"""Agent 1: a photo or short video of a face becomes a Mood.

`handlers.jobs` calls `read_mood`, which asks its EmotionReader port; `backends.deepface` is the reader that works.
Open `read_mood.py` first. `photo.py` and `clip.py` decode what strangers send, `smoothing.py` follows a mood over time.
"""
