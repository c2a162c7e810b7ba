"""Keeps compiled kernels on disk: compiling takes 5 s of a core for each kind, at every start of every process.

numba names an entry of its own cache by all that a function refers to. Ours are made inside functions and refer to
other compiled ones, which have random ids, so nothing would ever be found again: here the entry is named by the caller.
It lies where numba puts it: in NUMBA_CACHE_DIR, else in __pycache__ beside the code, else in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache

log = logging.getLogger(__name__)


def keep_on_disk(kernels: Iterable[Any], *variant: Hashable, sources: Sequence[str]) -> None:
    """Let compiled functions be read from disk where types, this `variant` and the files in `sources` are the same.

    numba itself adds its version, Python's, and the processor with its features. Does nothing where no folder can be
    written to.
    """
    digest = hashlib.sha256(b"".join(Path(source).read_bytes() for source in sources)).hexdigest()
    with suppress(RuntimeError):
        for kernel in kernels:
            kernel._cache = _KernelCache(kernel.py_func, (*variant, digest))


class _KernelCache(FunctionCache):  # type: ignore[misc]  # numba has no types
    """numba's cache of one function under a name that is the same in every process."""

    def __init__(self, function: Any, variant: tuple[Hashable, ...]) -> None:
        super().__init__(function)
        self._variant = variant

    def _index_key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        return signature, codegen.magic_tuple(), self._variant

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)
        except Exception as error:  # noqa: BLE001 - a damaged file may break anything; compiling anew mends it
            log.warning("compiling a kernel anew, for its file cannot be read: %r", error)
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        with suppress(OSError):  # a full disk costs the next process 5 s, and this one nothing
            super().save_overload(signature, data)
