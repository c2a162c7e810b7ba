"""What the project knows of music: genres, instruments, how each mood sounds, and which colour it has.

Tables and look-ups alone. `pipeline.brief` chooses from them, handlers list them in menus. Open `genres.py` first.
"""
