"""Chinese (simplified): the words for the moods."""

from __future__ import annotations

from pipeline.values import EmotionLabel

MOODS: dict[EmotionLabel, str] = {
    "angry": "愤怒",
    "disgust": "厌恶",
    "fear": "不安",
    "happy": "开心",
    "sad": "悲伤",
    "surprise": "惊讶",
    "neutral": "平静",
}
