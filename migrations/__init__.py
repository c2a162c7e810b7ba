"""Alembic's migrations; `storage.migrate` runs them through `env.py`.

Each file in `versions/` is one revision, up and down. docs/adding-a-column.md shows how to write the next one.
"""
