"""The name of this program as it was started, for sentences that tell what to type next."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def called() -> str:
    """Give `selfietune` where the shell finds it, else the path of the script, or `python -m bot`."""
    script = Path(sys.argv[0])
    if script.name == "__main__.py":
        return "python -m bot"
    if shutil.which(script.name) == str(script):
        return script.name
    return str(script)
