"""The Telegram bot against the tests' own Bot API server: the unmodified library, real database, queue and files."""
