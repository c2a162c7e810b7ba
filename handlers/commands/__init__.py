"""Every slash command and every button ends here, whatever the platform.

Adapters make their menus from `registry.py` and call `dispatch.py` (commands) and `buttons.py` (presses); open
`registry.py` first. `parsing.py` reads typed arguments, `autocomplete.py` offers names while a person types.
"""
