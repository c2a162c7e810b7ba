"""MusicGen as a Composer: audiocraft loads, conditions and decodes audio; the token decoder and scheduler are ours.

Only the music worker imports this package; it needs the `music` extra.
"""
