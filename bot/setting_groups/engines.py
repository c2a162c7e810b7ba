"""Which engine makes the songs and which detector finds the face; `bot.engines` opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.setting_groups.data_folder import DataFolder


class EngineSettings(DataFolder):
    """Engines.

    Who makes the songs, and who finds the face.
    """

    music_engine: str = Field(  # `bot.engines.check_engine` knows which there are
        "auto",
        description="auto (MusicGen where its weights are and a GPU or a quick enough CPU is, else sketch), musicgen "
        "or sketch.",
    )
    musicgen_model: str = Field(
        "small",
        description="small, medium, large, melody, melody-large, each of them also as stereo-…, or a folder with a "
        "checkpoint of your own.",
    )
    musicgen_home: Path | None = Field(
        None, description="Where `selfietune weights fetch small` puts the weights. Empty: DATA_DIR/musicgen."
    )
    musicgen_hub: str | None = Field(
        None, description="A mirror to fetch them from. Empty: the hub that publishes them."
    )
    musicgen_device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto, cpu or cuda.")
    musicgen_precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = Field(
        "auto",
        description="auto (bf16; fp16 on GPUs without it), fp32, bf16, fp16, or int8 (CPU: the quickest, a little "
        "less exact).",
    )
    musicgen_slots: int | None = Field(
        None, ge=1, description="Songs at the same time. Empty: as many as pay off and fit into memory."
    )
    musicgen_steer_from_avoid: bool = Field(
        False,
        description="true: guidance leads away from the words to avoid instead of from nothing. Costs nothing worth "
        "naming; untried by ear.",
    )
    face_detector: Literal["auto", "yunet", "opencv"] = Field(
        "auto", description="auto, yunet (quick; `selfietune weights fetch yunet`) or opencv."
    )
    deepface_home: Path | None = Field(
        None, description="Where the mood model's weights lie. Empty: DATA_DIR/deepface."
    )

    @property
    def weights_home(self) -> Path:
        """The project's own DEEPFACE_HOME."""
        return (self.deepface_home or self.data_dir / "deepface").absolute()

    @property
    def musicgen_weights(self) -> Path:
        """Where MusicGen's models lie, a folder each."""
        return (self.musicgen_home or self.data_dir / "musicgen").absolute()
