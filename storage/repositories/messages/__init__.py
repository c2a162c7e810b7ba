"""The repositories of what is exchanged with chats: what came in and waits, what goes out, what stands there.

`inbox.py` and `pending_selfies.py` hold what came in, `outbox.py` what must arrive once, `status_cards.py` and
`vote_counts.py` which messages have to change. `storage.unit_of_work` binds them; open `outbox.py` first.
"""
