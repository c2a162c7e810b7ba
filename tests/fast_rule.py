"""What `make test-fast` runs: all tests but those marked `processes` and `models`. A pytest plugin.

A test is marked by a fixture that it uses (FIXTURES), by its folder's `conftest.py`, or by hand, for its file or for
itself. No list has to be kept right: with `--fast` a test fails that starts a program or imports a library of models.
"""

from __future__ import annotations

import sys
from collections.abc import Generator

import pytest

FIXTURES = {"redis_server": "processes", "system": "processes", "weights_home": "models"}
STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}  # audit events
MODELS = {"torch", "onnxruntime", "deepface", "audiocraft"}  # seconds and hundreds of megabytes each


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only tests that start no program and load no model")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "processes: starts programs")
    config.addinivalue_line("markers", "models: loads models")
    if config.getoption("--fast"):
        config.pluginmanager.register(_Guard(), "fast_guard")


@pytest.hookimpl(trylast=True)  # conftest.py's of folders have marked theirs by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by their fixtures, and with `--fast` leave out what is marked."""
    for item in items:
        for name in FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(FIXTURES[name])
    if config.getoption("--fast"):
        slow = [item for item in items if _may(item, "processes") or _may(item, "models")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def _may(item: pytest.Item, what: str) -> bool:
    return item.get_closest_marker(what) is not None


class _Guard:
    """Watches the test that runs. Python's audit hooks stay until the process ends, so there is one for all tests."""

    def __init__(self) -> None:
        self._forbidden: set[str] = set()  # audit events, and names of modules
        self._seen: list[str] = []
        sys.addaudithook(self._watch)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self._forbidden = STARTS | MODELS
        try:
            return (yield)
        finally:
            self._forbidden = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Fail the test even where what it called swallowed the error."""
        result = yield
        seen, self._seen = self._seen, []
        assert not seen, f"a test without the mark `processes` or `models` came to {seen}"
        return result

    def pytest_collection_finish(self) -> None:
        """No file of a fast run may import a model's library either."""
        if loaded := sorted(MODELS & set(sys.modules)):
            raise pytest.UsageError(f"files of fast tests import {loaded}")

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._forbidden:
            return
        name = str(arguments[0]) if event == "import" else event
        if name in self._forbidden:
            self._seen.append(name)
            raise AssertionError(f"a test without the mark `processes` or `models` came to {name}")
