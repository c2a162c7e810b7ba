"""What a person asked for along with the selfie; kept with the song's row."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from pipeline.values import EmotionLabel


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything a sender may choose; None leaves it to us."""

    duration_s: float = 30.0
    mood: EmotionLabel | None = None  # named by the sender: the picture is not read
    seed: int | None = None
    engine: str = "auto"
    locale: str = "en"
    note: str = ""  # free text: data for the writer, cleaned on its way, never an order
    live: bool = False  # the platform shows a status card and can ask about an unsure mood


_WISH = TypeAdapter(Wish)


def wish_to_json(wish: Wish) -> dict[str, object]:
    return dict(_WISH.dump_python(wish, mode="json"))


def wish_from_json(data: object) -> Wish:
    return _WISH.validate_python(data)
