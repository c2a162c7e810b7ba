"""What a sent file claims to be, by its name and media type: enough to choose what is fetched, and never believed."""

from __future__ import annotations

from pathlib import PurePosixPath

PICTURES = frozenset({".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".mov", ".webm", ".m4v"})
SOUNDS = frozenset({".ogg", ".oga", ".opus", ".mp3", ".m4a", ".wav", ".flac"})


def claims_picture(name: str | None, media_type: str | None) -> bool:
    """Whether it may be a photo or a video; HEIC often comes without a type."""
    return (media_type or "").startswith(("image/", "video/")) or _ending(name) in PICTURES


def claims_sound(name: str | None, media_type: str | None) -> bool:
    """Whether it may be a hummed melody."""
    return (media_type or "").startswith("audio/") or _ending(name) in SOUNDS


def _ending(name: str | None) -> str:
    return PurePosixPath(name or "").suffix.lower()
