"""Every command ends here: its name and arguments become a handler's call and its answer."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.desk import Desk
from handlers.events import Origin, Sender
from handlers.replies import Answer


async def run_command(name: str, arguments: Mapping[str, str], by: Sender, *, desk: Desk, origin: Origin) -> Answer:
    """Run a command of COMMANDS; what cannot be done is answered with its sentence, never raised.

    arguments holds "action" for commands with actions, and options by name. /selfie with its photo goes to
    `receive_selfie`; here it only explains itself.
    """
    raise NotImplementedError
