"""What people send: selfies, named moods, hummed melodies, and the consent that comes before the first photo.

Adapters map messages to a `Submission` and give it to `Intake`; open `receive.py` first, then `ports.py`, which an
adapter fills. `pending_selfie.py` keeps what waits for Accept; the rows of a song are made by `handlers.songs.create`.
"""
