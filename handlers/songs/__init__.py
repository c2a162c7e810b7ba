"""A song from its first row on: created, asked about, cancelled, taken again, extended, and who may see it.

Intake, commands, buttons and jobs call these. Open `create.py` first; `quota.py` is how many a person may have,
`photos.py` takes faces off the disk, `caption.py` and `eta.py` are what people read of a song.
"""
