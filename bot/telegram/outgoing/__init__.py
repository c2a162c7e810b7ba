"""What we send on Telegram: songs, notices, status cards, replies with buttons.

`chat.py` is the Chat port, called by the deliver job; open it first. `flood_control.py` keeps to Telegram's limits,
`status_cards.py` fills the port of `bot.card_loop`.
"""
