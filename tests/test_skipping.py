"""What was skipped is named at the end, and in CI it is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import skip_rule

ROOT = Path(__file__).parents[1]
SKIPPED = """
import pytest
def test_passes(): pass
@pytest.mark.skip(reason="the moon is full")
def test_does_not_run(): pass
"""


@pytest.mark.processes
@pytest.mark.parametrize("processes", [(), ("-n", "1")])
@pytest.mark.parametrize(("variables", "status"), [({}, 0), ({"CI": "true"}, 1)])
def test_a_skipped_test_fails_ci_alone(
    variables: dict[str, str], status: int, processes: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "test_moon.py").write_text(SKIPPED)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "-p",
        "tests.skip_rule",
        *processes,
    ]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", tmp_path / "test_moon.py"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "CI"} | variables,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == status, done.stdout
    assert "the moon is full" in done.stdout


def test_the_rule_is_in_force(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.is_registered(skip_rule)


def test_ci_is_told_that_it_is_ci() -> None:
    assert "\nexport CI=" in (ROOT / ".ci" / "run").read_text()
