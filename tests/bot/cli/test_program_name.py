"""What the summary tells to type next is what works in that shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.cli.program_name import called


@pytest.mark.parametrize("on_path", [True, False])
def test_a_command_is_named_as_it_was_called(on_path: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "selfietune"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path if on_path else tmp_path / 'elsewhere'}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "argv", [str(script), "try"])
    assert called() == ("selfietune" if on_path else str(script))
    monkeypatch.setattr(sys, "argv", [".venv/bin/selfietune"])
    assert called() == ".venv/bin/selfietune"
    monkeypatch.setattr(sys, "argv", ["/somewhere/bot/__main__.py"])
    assert called() == "python -m bot"
