"""The language model behind the Writer port; without a key, briefs come from templates."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr


class WriterSettings(BaseModel):
    """Language model.

    It writes briefs; without one they come from templates.
    """

    openai_api_key: SecretStr | None = Field(None, description="Its key. Empty: none is asked.")
    openai_base_url: str | None = Field(
        None, description="Any server that speaks OpenAI's chat completions; empty means OpenAI itself."
    )
    openai_model: str = Field("gpt-4o-mini", description="The model's name as that server knows it.")
