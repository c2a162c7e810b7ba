"""MusicGen as a Composer: audiocraft loads, conditions and decodes audio; the token decoder and scheduler are ours.

Only the music worker imports this package; it needs the `music` extra. Open `composer.py` first: it is the port.
`engine.py` holds the model, `scheduler.py` the songs under way, `decoder.py` makes one step of tokens for all of them.
"""
