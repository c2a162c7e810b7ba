"""Files by relative path, in a folder (`file:///…`) or a bucket (`s3://bucket/prefix`), for handlers.

A path is `{user_id}/{session_id}/<md5>.<ext>`; an odd one (absolute, `..`, NUL, backslash, link) is refused.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fsspec.core import url_to_fs

from storage.errors import BadPath, MediaError, MediaMissing, MediaUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Result = TypeVar("Result")

TIMEOUT_S = 30.0  # for one file; a song as wav is up to 23 MB (120 s)
PATH_LENGTH = 255  # what the database holds

_NAME = r"[A-Za-z0-9_][A-Za-z0-9._-]*"  # no leading dot: neither `..` nor a file that is still being written
_RELATIVE = re.compile(rf"{_NAME}(?:/{_NAME})*")
_PARTS = ".parts"  # files on their way, in one folder so that sweeping them needs no walk


def media_path(user_id: int, session_id: int, md5: str, ext: str) -> str:
    """Name a file by what it holds: md5 is 32 hex digits, ext is like "jpg" without its dot."""
    if not re.fullmatch(r"[0-9a-f]{32}", md5) or not re.fullmatch(r"[a-z0-9]{1,8}", ext):
        raise BadPath(f"not an md5 and an extension: {md5!r}, {ext!r}")
    return f"{user_id:d}/{session_id:d}/{md5}.{ext}"


class Media:
    """A store of files. Methods raise BadPath, and MediaUnavailable when the store fails or is late.

    A put into a folder is a write and a rename; into a bucket it is one request, which S3 applies wholly or not at all.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, options: Mapping[str, object] | None = None) -> None:
        """Bind to a URL; nothing is touched yet. options go to fsspec.

        S3's endpoint and credentials come from its own tools' variables and files (AWS_ENDPOINT_URL and so on).
        Raises MediaUnavailable for a URL of no kind that is known, or of one whose package is not installed.
        """
        try:
            # Listings are not cached: other processes put files too.
            self._fs, root = url_to_fs(url, use_listings_cache=False, **(options or {}))
        except (ImportError, ValueError) as error:
            raise MediaUnavailable(str(error)) from error
        self._timeout_s = timeout_s
        self._local = "file" in self._fs.protocol
        self._root: str = os.path.realpath(root) if self._local else root.rstrip("/")

    async def put(self, relative: str, data: bytes, *, private: bool = False) -> None:
        """Keep a file, replacing what was there; readers see all of it or none. private means mode 0600.

        In a bucket no file has an access list of its own: all are as private as the bucket.
        """
        if self._local:
            await self._do(lambda: self._write(relative, data, mode=0o600 if private else 0o644))
        else:
            await self._do(lambda: self._fs.pipe_file(self._place(relative), data))

    async def get(self, relative: str) -> bytes:
        """Return a file's bytes, or raise MediaMissing."""
        data: bytes = await self._do(lambda: self._fs.cat_file(self._place(relative)))
        return data

    async def remove(self, relative: str) -> None:
        """Remove a file; one that is gone already is fine."""
        try:
            await self._do(lambda: self._fs.rm_file(self._place(relative)))
        except MediaMissing:
            return

    async def exists(self, relative: str) -> bool:
        try:
            await self.size(relative)
        except MediaMissing:
            return False
        return True

    async def size(self, relative: str) -> int:
        """Return a file's size in bytes, or raise MediaMissing."""
        size: int = await self._do(lambda: self._fs.info(self._place(relative))["size"])
        return size

    async def list(self, prefix: str = "") -> tuple[str, ...]:
        """List the files under a folder ("7/12", "" for all), sorted, without links and unfinished files."""
        return await self._do(lambda: self._find(prefix))

    async def sweep_unfinished(self, *, before: datetime) -> int:
        """Remove what killed processes left half-written before a time (naive UTC); return how many files."""
        return await self._do(lambda: self._sweep(before)) if self._local else 0

    def _place(self, relative: str) -> str:
        if len(relative) > PATH_LENGTH or not _RELATIVE.fullmatch(relative):
            raise BadPath(f"not a relative path of ours: {relative[:80]!r}")
        place = f"{self._root}/{relative}"
        # A link anywhere below the root is refused: we never make one, and it may lead out.
        if self._local and os.path.realpath(place) != place:
            raise BadPath(f"a link lies on the way to {relative!r}")
        return place

    def _write(self, relative: str, data: bytes, *, mode: int) -> None:
        place = self._place(relative)
        part = Path(self._root, _PARTS, secrets.token_hex(8))
        _make_folder(self._root, _PARTS)
        _make_folder(self._root, relative.rpartition("/")[0])
        try:
            with open(part, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # a rename can reach the disk before the bytes do
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)

    def _find(self, prefix: str) -> tuple[str, ...]:
        folder = self._place(prefix) if prefix else self._root
        names = (str(name).removeprefix(f"{self._root}/") for name in self._fs.find(folder))
        return tuple(sorted(name for name in names if _RELATIVE.fullmatch(name) and not self._is_link(name)))

    def _is_link(self, relative: str) -> bool:
        place = f"{self._root}/{relative}"
        return self._local and os.path.realpath(place) != place

    def _sweep(self, before: datetime) -> int:
        folder = Path(self._root, _PARTS)
        old = [
            part
            for part in (folder.iterdir() if folder.is_dir() else ())
            if datetime.fromtimestamp(part.stat().st_mtime, UTC).replace(tzinfo=None) < before
        ]
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    async def _do(self, act: Callable[[], Result]) -> Result:
        """Run a blocking call in a thread. A late one is left behind: threads cannot be stopped."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.to_thread(act)
        except MediaError:
            raise
        except FileNotFoundError as gone:
            raise MediaMissing(str(gone)) from gone
        except Exception as failure:  # every fsspec backend has errors of its own
            raise MediaUnavailable(f"{type(failure).__name__}: {failure}") from failure


def _make_folder(root: str, relative: str) -> None:
    folder = Path(root)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in Path(relative).parts:
        folder /= name
        folder.mkdir(exist_ok=True, mode=0o700)
