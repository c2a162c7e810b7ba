"""/privacy: what is kept and for how long, a copy of all of it, and its removal."""

from __future__ import annotations

from handlers.account.erase import erase
from handlers.account.export import export
from handlers.button_actions import Press
from handlers.request import Call
from handlers.responses import Answer, Button, File, Reply
from handlers.texts import sentence


async def privacy(call: Call) -> Answer:
    """Explain, export, or ask once before deleting."""
    if call.action == "export":
        return await _export(call)
    if call.action == "delete":
        yes = Button(sentence(call.locale, "button_erase"), Press("erase", 0, "yes").token, "bad")
        no = Button(sentence(call.locale, "button_keep"), Press("erase", 0, "no").token)
        return Answer(Reply(sentence(call.locale, "erase_sure"), ((yes, no),)))
    copy = Button(sentence(call.locale, "button_export"), Press("privacy", 0, "export").token)
    gone = Button(sentence(call.locale, "button_erase"), Press("privacy", 0, "delete").token, "bad")
    return Answer(Reply(sentence(call.locale, "privacy"), ((copy, gone),)))


async def erase_answer(value: str, call: Call) -> Answer:
    """Do what the buttons under "are you sure" say."""
    if value != "yes":
        return Answer(Reply(sentence(call.locale, "erase_kept")), edit=True)
    known = await erase(call.by, deps=call.deps)
    return Answer(Reply(sentence(call.locale, "erased" if known else "nothing_known")), edit=True)


async def _export(call: Call) -> Answer:
    packed = await export(call.by, deps=call.deps, most_bytes=call.origin.file_limit)
    if not packed:
        return Answer(Reply(sentence(call.locale, "nothing_known")))
    names = [f"selfietune-export-{number}-of-{len(packed)}.zip" for number in range(1, len(packed) + 1)]
    files = map(File, names if len(packed) > 1 else ["selfietune-export.zip"], packed)
    return Answer(Reply(sentence(call.locale, "exported"), files=tuple(files)))
