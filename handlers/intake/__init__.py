"""What people send: selfies, named moods, hummed melodies, and the consent that comes before the first photo.

Adapters call these with what a message holds; the rows of a song are made by `handlers.songs.create`. Open `selfie.py`
first. `pending_selfie.py` keeps what waits for Accept.
"""
