"""Tests of the MusicGen engine, on tiny checkpoints with random weights in audiocraft's own format."""
