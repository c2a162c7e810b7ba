"""Chinese (traditional): the words for the moods."""

from __future__ import annotations

from pipeline.values import EmotionLabel

MOODS: dict[EmotionLabel, str] = {
    "angry": "憤怒",
    "disgust": "厭惡",
    "fear": "不安",
    "happy": "開心",
    "sad": "悲傷",
    "surprise": "驚訝",
    "neutral": "平靜",
}
