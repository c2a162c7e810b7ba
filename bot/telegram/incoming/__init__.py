"""What people do on Telegram, from an update to a handler.

`polling.py` or `webhook.py` receive updates, `inbox.py` stores them and hands them out in their order, `application.py`
routes them; open that first. `messages.py` and `callback_queries.py` are what people do most.
"""
