"""/privacy: what is kept and for how long, a copy of all of it, and its removal."""

from __future__ import annotations

from handlers.account.erase import erase
from handlers.account.export import export
from handlers.button_actions import ButtonAction
from handlers.request import Request
from handlers.responses import Button, File, Reply, Response
from handlers.texts import sentence


async def privacy(request: Request) -> Response:
    """Explain, export, or ask once before deleting."""
    if request.action == "export":
        return await _export(request)
    if request.action == "delete":
        yes = Button(sentence(request.locale, "button_erase"), ButtonAction("erase", 0, "yes").encode(), "bad")
        no = Button(sentence(request.locale, "button_keep"), ButtonAction("erase", 0, "no").encode())
        return Response(Reply(sentence(request.locale, "erase_sure"), ((yes, no),)))
    copy = Button(sentence(request.locale, "button_export"), ButtonAction("privacy", 0, "export").encode())
    gone = Button(sentence(request.locale, "button_erase"), ButtonAction("privacy", 0, "delete").encode(), "bad")
    return Response(Reply(sentence(request.locale, "privacy"), ((copy, gone),)))


async def erase_answer(value: str, request: Request) -> Response:
    """Do what the buttons under "are you sure" say."""
    if value != "yes":
        return Response(Reply(sentence(request.locale, "erase_kept")), edit=True)
    known = await erase(request.sender, deps=request.deps)
    return Response(Reply(sentence(request.locale, "erased" if known else "nothing_known")), edit=True)


async def _export(request: Request) -> Response:
    packed = await export(request.sender, deps=request.deps, most_bytes=request.origin.file_limit)
    if not packed:
        return Response(Reply(sentence(request.locale, "nothing_known")))
    names = [f"selfietune-export-{number}-of-{len(packed)}.zip" for number in range(1, len(packed) + 1)]
    files = map(File, names if len(packed) > 1 else ["selfietune-export.zip"], packed)
    return Response(Reply(sentence(request.locale, "exported"), files=tuple(files)))
