"""Send the command tree to Discord when it has changed, not at every start: 200 creations a day are allowed."""

from __future__ import annotations

import hashlib
import json
import logging

from bot.discord.incoming.commands import SongTree
from handlers.deps import Deps
from handlers.key_values import get_value, set_value

log = logging.getLogger(__name__)


async def sync(tree: SongTree, *, application_id: int, deps: Deps) -> bool:
    """Send the tree unless the database remembers sending the same; True when it was sent."""
    name, print_now = f"discord-commands:{application_id}", await fingerprint(tree)
    if await get_value(name, deps=deps) == print_now:
        return False
    await tree.sync()
    await set_value(name, print_now, deps=deps)
    log.info("commands sent to Discord")
    return True


async def fingerprint(tree: SongTree) -> str:
    """Hash what Discord would be sent, translations included."""
    translator = tree.translator
    assert translator is not None
    everything = [*tree.get_commands(type=None)]
    sent = [await command.get_translated_payload(tree, translator) for command in everything]
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
