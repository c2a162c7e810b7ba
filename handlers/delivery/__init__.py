"""Messages that leave exactly once: the song, or the notice why there is none.

The deliver job (`handlers.jobs.deliver`) sends them by way of `outbox.py`; open that first. `confirmation.py` takes the
owner's word where a platform cannot tell whether a song arrived.
"""
