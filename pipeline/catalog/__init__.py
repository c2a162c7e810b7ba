"""Tables of what the project knows about music: genres, instruments, the sound and the colour of each mood.

`pipeline.brief` chooses from them, handlers list them in menus, engines look names up. Open `genres.py` first.
"""
