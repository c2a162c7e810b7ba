"""Downloads published weights into a weights home: resumes partial files, checks every size and hash.

The operator runs it once (`selfietune weights fetch MODEL`); workers only read the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import httpx

from pipeline.backends.musicgen.weights import CHECKPOINT, MODELS, Part, digest_of, is_right, write_parts
from pipeline.errors import EngineFailed

HUB = "https://huggingface.co"
TIMEOUT = httpx.Timeout(60, connect=10)  # seconds without a byte, and to connect

# T5's repository has no tokenizer_config.json, and transformers needs none.
T5 = ("google-t5/t5-base", ("config.json", "model.safetensors", "spiece.model", "tokenizer.json"))
ENCODEC = ("facebook/encodec_32khz", ("config.json", "model.safetensors"))
DEMUCS = ("adefossez/HTDemucs", ("htdemucs.yaml", "955717e8.safetensors"))
DIFFUSION = ("facebook/multiband-diffusion", ("mbd_musicgen_32khz.th",))

Progress = Callable[[str, int, int], None]  # file, bytes so far, bytes in all


def fetch(model: str, home: Path, *, on_progress: Progress, hub: str = HUB) -> Path:
    """Download `model` and all it needs below `home`; return its folder.

    Complete files are kept, partial ones resumed. Raises EngineFailed "music_weights_unknown",
    "music_weights_unreachable" or "music_weights_damaged" (a hash that is wrong twice).
    """
    if model not in MODELS:
        raise EngineFailed("music_weights_unknown", model=model)
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as session:
            parts = list(_parts(session, hub, model))
            for part in parts:
                _bring(session, hub, part, home, on_progress)
    except httpx.HTTPError as error:
        raise EngineFailed("music_weights_unreachable", model=model) from error
    _write_refs(home, parts)
    write_parts(model, home, parts)
    return home / model


def _parts(session: httpx.Client, hub: str, model: str) -> Iterable[Part]:
    """Ask the hub for the commit, sizes and hashes of all files that the model needs."""
    yield from _listed(session, hub, f"facebook/musicgen-{model}", CHECKPOINT, model)
    needed = [T5, ENCODEC, DIFFUSION, *([DEMUCS] if "melody" in model else [])]
    for repository, files in needed:
        yield from _listed(session, hub, repository, files, None)


def _listed(
    session: httpx.Client, hub: str, repository: str, files: tuple[str, ...], folder: str | None
) -> Iterable[Part]:
    answer = session.get(f"{hub}/api/models/{repository}", params={"blobs": "true"})
    answer.raise_for_status()
    listing = answer.json()
    revision, known = listing["sha"], {entry["rfilename"]: entry for entry in listing["siblings"]}
    for file in files:
        if file not in known:
            raise EngineFailed("music_weights_unreachable", model=repository)
        entry = known[file]
        digest = f"sha256:{entry['lfs']['sha256']}" if entry.get("lfs") else f"git:{entry['blobId']}"
        target = f"{folder}/{file}" if folder else f"{_cache_folder(repository)}/snapshots/{revision}/{file}"
        yield Part(repository, file, revision, int(entry["size"]), digest, target)


def _cache_folder(repository: str) -> str:
    """Name a repository's folder as in a Hugging Face cache; audiocraft asks for T5 by its old name."""
    name = "t5-base" if repository == T5[0] else repository
    return "hub/models--" + name.replace("/", "--")


def _bring(session: httpx.Client, hub: str, part: Part, home: Path, on_progress: Progress) -> None:
    target = home / part.target
    if target.is_file() and is_right(target, part):
        on_progress(part.file, part.size, part.size)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    for _ in range(2):  # a partial file of an earlier run may be damaged: then once more from the start
        _download(session, hub, part, partial, on_progress)
        if digest_of(partial, part) == part.digest:
            partial.replace(target)
            return
        partial.unlink()
    raise EngineFailed("music_weights_damaged", file=part.file)


def _download(session: httpx.Client, hub: str, part: Part, partial: Path, on_progress: Progress) -> None:
    """Append the missing bytes to `partial`."""
    here = partial.stat().st_size if partial.exists() else 0
    if here > part.size:
        partial.unlink()
        here = 0
    if here == part.size:
        return
    url = f"{hub}/{part.repository}/resolve/{part.revision}/{part.file}"
    headers = {"Range": f"bytes={here}-", "Accept-Encoding": "identity"}
    with session.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        with partial.open("ab" if resumed else "wb") as file:
            _pour(answer, file, part, here if resumed else 0, on_progress)


def _pour(answer: httpx.Response, file: IO[bytes], part: Part, here: int, on_progress: Progress) -> None:
    for piece in answer.iter_raw():
        here += len(piece)
        if here > part.size:  # not the file that was asked for; do not fill the disk with it
            raise EngineFailed("music_weights_damaged", file=part.file)
        file.write(piece)
        on_progress(part.file, here, part.size)


def _write_refs(home: Path, parts: list[Part]) -> None:
    """Write which commit "main" is, so that the Hugging Face libraries find their files offline."""
    for part in parts:
        if part.target.startswith("hub/"):
            refs = home / _cache_folder(part.repository) / "refs"
            refs.mkdir(parents=True, exist_ok=True)
            (refs / "main").write_text(part.revision)
