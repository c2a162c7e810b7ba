"""What we send on Discord: songs, notices, status cards, replies with buttons.

`chat.py` is the Chat port, called by the deliver job; open it first. `status_cards.py` fills the port of
`bot.card_loop`.
"""
