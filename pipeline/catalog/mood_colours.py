"""One colour per mood, the same in waveform pictures and chat cards."""

from __future__ import annotations

from pipeline.values import EmotionLabel

# Readable on Discord's and Telegram's dark and light grounds, and told apart by brightness as well as hue.
MOOD_COLOURS: dict[EmotionLabel, str] = {
    "angry": "#FF5449",
    "disgust": "#8BC34A",
    "fear": "#9C7BFF",
    "happy": "#FFC233",
    "sad": "#4C93FF",
    "surprise": "#FF6FCF",
    "neutral": "#8FB8C9",
}

# Where the waveform's colour moves to at the song's end.
MOOD_ACCENTS: dict[EmotionLabel, str] = {
    "angry": "#FF9A3D",
    "disgust": "#2FB89A",
    "fear": "#4B5DE8",
    "happy": "#FF7A59",
    "sad": "#5AD1E6",
    "surprise": "#FFB84D",
    "neutral": "#B9A7E0",
}
