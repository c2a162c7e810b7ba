"""MusicGen as a Composer: audiocraft loads the model, encodes prompts and decodes sound; the token decoder is ours.

Only the music worker imports this package; it needs the `music` extra. Open `composer.py` first: it is the port.
`scheduler.py` decides which songs have a slot, `engine.py` holds the slots, `decoder.py` is the transformer's step.
"""
