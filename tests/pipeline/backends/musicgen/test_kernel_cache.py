"""Kernels are compiled once a machine: what is made anew reads them from disk, unless anything about them changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import pytest
from numba import njit

from pipeline.backends.musicgen.kernel_cache import keep_on_disk


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for numba's files, and no other place for them."""
    monkeypatch.setattr(numba.config, "CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def source(tmp_path: Path) -> str:
    file = tmp_path / "kernel.py"
    file.write_text("what is compiled")
    return str(file)


def made(step: int, source: str) -> Any:
    """A kernel as ours are: made in a function, of another that is made there too."""
    add = njit(lambda x: x + step)

    def kernel(x: Any) -> Any:
        return add(x) * 2

    compiled = njit(kernel)
    keep_on_disk([compiled], step, sources=[source])
    return compiled


def hits(kernel: Any) -> int:
    return sum(kernel.stats.cache_hits.values())


def test_a_kernel_that_is_made_again_is_read(source: str) -> None:
    first, second = made(1, source), made(1, source)
    assert (first(2.0), hits(first)) == (6.0, 0)
    assert (second(2.0), hits(second)) == (6.0, 1)


def test_neither_another_variant_nor_another_type_nor_an_older_source_is_read(source: str) -> None:
    assert made(1, source)(2.0) == 6.0
    other, same = made(3, source), made(1, source)
    assert (other(2.0), hits(other)) == (10.0, 0)
    assert (same(2), hits(same)) == (6, 0)
    Path(source).write_text("what is compiled now")
    newer = made(1, source)
    assert (newer(2.0), hits(newer)) == (6.0, 0)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_are_replaced(source: str, folder: Path, ending: str) -> None:
    assert made(1, source)(2.0) == 6.0
    files = list(folder.rglob(f"*.{ending}"))
    assert files
    for file in files:
        file.write_bytes(b"")
    mended, after = made(1, source), made(1, source)
    assert (mended(2.0), hits(mended)) == (6.0, 0)
    assert (after(2.0), hits(after)) == (6.0, 1)


def test_without_a_place_to_write_kernels_are_compiled(
    source: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    for kernel in (made(1, source), made(1, source)):
        assert (kernel(2.0), hits(kernel)) == (6.0, 0)
