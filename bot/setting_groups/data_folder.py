"""Where everything lies that no server keeps; servers and engines find their own places below it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class DataFolder(BaseModel):
    """Files.

    What no server keeps.
    """

    data_dir: Path = Field(
        Path("var"), description="Where everything embedded lives: database, songs, model files, logs."
    )
