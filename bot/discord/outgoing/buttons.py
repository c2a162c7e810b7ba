"""Every button of ours: one class for all tokens, so each works after any restart and at any age."""

from __future__ import annotations

import re
from typing import Any

import discord

from handlers.button_actions import PATTERN
from handlers.responses import Button

STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "good": discord.ButtonStyle.success,
    "bad": discord.ButtonStyle.danger,
}
MAX_LABEL = 80  # characters


class PressButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=PATTERN):
    """A button that holds nothing but its token."""

    def __init__(self, button: Button, *, row: int | None = None) -> None:
        style, label = STYLES[button.style], f"{button.label} {button.word}".strip()
        super().__init__(discord.ui.Button(label=label[:MAX_LABEL], custom_id=button.token, style=style, row=row))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> PressButton:
        return cls(Button(getattr(item, "label", None) or "…", match.string))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.client.interactions.press(interaction, self.custom_id)
