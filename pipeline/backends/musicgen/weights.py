"""What lies in a weights home, and whether it is what was published. Fetching is `fetching`'s.

What each model consists of, with sizes and hashes, was asked of the hub when it was fetched and is kept beside the
files, so that no check needs a network. Any process may import this.
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
LICENCE = "CC-BY-NC-4.0"  # of all of them: songs may not be sold, and say so
CHECKPOINT = ("state_dict.bin", "compression_state_dict.bin")
PIECE = 1 << 20  # bytes that are hashed at once


@dataclass(frozen=True)
class Part:
    """One file: where it comes from, where it goes, and what it must be."""

    repository: str
    file: str
    revision: str  # a commit, so that the parts of one fetch belong together
    size: int
    digest: str  # "sha256:…" for large files, "git:…" (of a git blob) for small ones
    target: str  # below the home


def check(model: str, home: Path) -> list[str]:
    """Name the files of a fetched model that are missing or of another size; the first look of `doctor`."""
    if not was_fetched(model, home):
        return [file for file in CHECKPOINT if not (home / model / file).is_file()]
    parts = _recorded(model, home)
    return [part.target for part in parts if not _has_size(home / part.target, part.size)]


def was_fetched(model: str, home: Path) -> bool:
    """Whether a fetch of this model was completed here, and wrote down what it brought."""
    return (home / model / "parts.json").is_file()


def damaged(model: str, home: Path) -> list[str]:
    """Name the files of a fetched model whose hash is not the published one; reads them all, about 1 s a GB.

    Of a folder of other origin nothing is known, so nothing is named. Missing files are `check`'s to name.
    """
    if not was_fetched(model, home):
        return []
    parts = _recorded(model, home)
    return [part.target for part in parts if (file := home / part.target).is_file() and not is_right(file, part)]


def revision(folder: Path) -> str:
    """Give the commit that a model's folder was fetched from, "local" for one of other origin."""
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
    """Write down what a completed fetch brought."""
    (home / model / "parts.json").write_text(json.dumps([asdict(part) for part in parts], indent=1))
