"""The settings, a class a concern: each field with its default, its description and its check.

`bot/settings.py` puts the classes together and reads the environment. `.env.example` and docs/settings.md are made from
the descriptions (`make settings`), so what operators read is written here alone. Open `servers.py` first.
"""
