"""A third platform, known to tests alone. `adapter.py` is all there is of it, `person.py` a person who uses it."""
