"""Every sentence in Traditional Chinese, as Taiwan says it; `handlers.texts` chooses the language and fills the blanks.

One file a place where it is read: `errors.py`, `chat.py`, `commands.py`, `music.py`; `terminal.py` says some of them
otherwise on the command line. Open `chat.py` first.
"""

from handlers.texts.zh_hant import chat, commands, errors, moods, music, terminal

MOODS = moods.MOODS
SENTENCES = {**errors.SENTENCES, **music.SENTENCES, **chat.SENTENCES, **commands.SENTENCES}
TERMINAL = terminal.SENTENCES
