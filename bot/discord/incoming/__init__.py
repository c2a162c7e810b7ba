"""What people do on Discord, from the gateway to a handler.

`client.py` is discord.py's client with all listeners; open it first. `gateway_events.py` hears messages and reactions,
`interactions.py` answers commands and buttons.
"""
