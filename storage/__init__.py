"""What Selfietune keeps: rows in a database, files in a folder or bucket. Only this floor knows SQL and file systems.

Handlers open a unit of work (`unit_of_work.py`) and call its repositories (`repositories/`); files go through
`media.py`. Open `unit_of_work.py` first. `tables/` and `migrate.py` are the shape of the database.
"""
