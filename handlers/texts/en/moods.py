"""English: the words for the moods."""

from __future__ import annotations

from pipeline.values import EmotionLabel

MOODS: dict[EmotionLabel, str] = {
    "angry": "angry",
    "disgust": "disgusted",
    "fear": "anxious",
    "happy": "happy",
    "sad": "sad",
    "surprise": "surprised",
    "neutral": "calm",
}
