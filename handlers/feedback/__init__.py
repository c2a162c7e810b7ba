"""What listeners think of a song: votes, scores and comments, native reactions, and the counts on its buttons.

`handlers.commands.buttons` and adapters call these; `handlers.preferences.taste` brings votes to the next song. Open
`votes.py` first.
"""
