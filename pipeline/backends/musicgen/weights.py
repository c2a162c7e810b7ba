"""The files of a weights home, and whether they are complete and as published. `fetching` downloads them.

The sizes and hashes of a model's files come from the hub when it is fetched and are kept beside the files, so that no
check needs a network. Any process may import this.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

MODELS = (
    "small", "medium", "large", "melody", "melody-large",
    "stereo-small", "stereo-medium", "stereo-large", "stereo-melody", "stereo-melody-large",
)  # fmt: skip
LICENCE = "CC-BY-NC-4.0"  # of all models: songs may not be sold, and their tags say it
CHECKPOINT = ("state_dict.bin", "compression_state_dict.bin")
PIECE = 1 << 20  # bytes hashed at once


@dataclass(frozen=True)
class Part:
    """One file: its source, its place, its size and hash."""

    repository: str
    file: str
    revision: str  # a commit: all parts of one fetch are of the same one
    size: int
    digest: str  # "sha256:…" for large files, "git:…" (of a git blob) for small ones
    target: str  # below the home


def check(model: str, home: Path) -> list[str]:
    """Name the files of a fetched model that are missing or have another size; `doctor`'s first check."""
    if not was_fetched(model, home):
        return [file for file in CHECKPOINT if not (home / model / file).is_file()]
    parts = _recorded(model, home)
    return [part.target for part in parts if not _has_size(home / part.target, part.size)]


def was_fetched(model: str, home: Path) -> bool:
    """Whether a fetch of this model was completed, which writes the list of its parts."""
    return (home / model / "parts.json").is_file()


def damaged(model: str, home: Path) -> list[str]:
    """Name the files of a fetched model whose hash is not the published one; reads them all, about 1 s a GB.

    Names none of a folder of other origin, whose hashes are not known. Missing files are named by `check`.
    """
    if not was_fetched(model, home):
        return []
    parts = _recorded(model, home)
    return [part.target for part in parts if (file := home / part.target).is_file() and not is_right(file, part)]


def revision(folder: Path) -> str:
    """Give the commit that a model's folder was fetched from, "local" for a folder of other origin."""
    listing = folder / "parts.json"
    return str(json.loads(listing.read_text())[0]["revision"]) if listing.is_file() else "local"


def _recorded(model: str, home: Path) -> list[Part]:
    return [Part(**entry) for entry in json.loads((home / model / "parts.json").read_text())]


def digest_of(file: Path, part: Part) -> str:
    """Hash as the hub does: sha256 of a large file, git's blob hash of a small one."""
    kind = part.digest.split(":", 1)[0]
    digest = hashlib.sha256() if kind == "sha256" else hashlib.sha1(usedforsecurity=False)
    if kind == "git":
        digest.update(b"blob %d\0" % file.stat().st_size)
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            digest.update(piece)
    return f"{kind}:{digest.hexdigest()}"


def is_right(file: Path, part: Part) -> bool:
    return _has_size(file, part.size) and digest_of(file, part) == part.digest


def _has_size(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size


def write_parts(model: str, home: Path, parts: list[Part]) -> None:
    """Write the list of a completed fetch's parts."""
    (home / model / "parts.json").write_text(json.dumps([asdict(part) for part in parts], indent=1))
