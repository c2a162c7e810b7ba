"""/profile: what a person tells about themselves, all of it optional."""

from __future__ import annotations

from dataclasses import replace

from handlers.button_actions import ButtonAction
from handlers.errors import Refused
from handlers.request import Request
from handlers.responses import Button, Reply, Response
from handlers.texts import sentence
from handlers.users import user_of
from storage.repositories.users import Profile, ProfileRow
from storage.unit_of_work import UnitOfWork

YOUNGEST, OLDEST = 5, 120
MAX_GENDER, MAX_NOTES = 32, 500  # characters
FIELDS = ("age", "gender", "notes")
FORGET = ("-", "–", "clear")  # typed in place of a value


async def profile(request: Request) -> Response:
    """Show the profile and what it is for, or change the fields that were given."""
    if request.action == "set":
        given = _typed_fields(request)
        if not given:
            raise Refused("nothing_to_set")
        await store_profile(given, request)
    return Response(await _profile_reply(request))


async def forget(field: str, request: Request) -> Response:
    """Forget what a button of the profile names."""
    if field not in FIELDS:
        raise Refused("stale_button")
    return await profile(replace(request, arguments={"action": "set", field: FORGET[0]}))


async def _profile_reply(request: Request) -> Reply:
    """Show what was told, with a button to forget each part of it."""
    kept = await kept_profile(request)
    nothing = sentence(request.locale, "not_told")
    text = sentence(
        request.locale,
        "profile_is",
        age=kept.age or nothing,
        gender=kept.gender or nothing,
        notes=kept.notes or nothing,
    )
    told = (name for name in FIELDS if getattr(kept, name))
    buttons = tuple(
        Button(sentence(request.locale, f"forget_{name}"), ButtonAction("forget", 0, name).encode()) for name in told
    )
    return Reply(text, (buttons,) if buttons else ())


def _typed_fields(request: Request) -> Profile:
    given = Profile()
    age, gender, notes = request.text("age"), request.text("gender"), request.text("notes")
    if age:
        given["age"] = None if age in FORGET else _typed_age(request)
    if gender:
        given["gender"] = None if gender in FORGET else _checked_length(gender, MAX_GENDER)
    if notes:
        given["notes"] = None if notes in FORGET else _checked_length(notes, MAX_NOTES)
    return given


def _typed_age(request: Request) -> int:
    try:
        age = request.number("age")
    except Refused:
        age = None
    if age is None or not YOUNGEST <= age <= OLDEST:
        raise Refused("bad_age", low=YOUNGEST, high=OLDEST)
    return age


def _checked_length(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Refused("text_too_long", limit=limit)
    return text


async def store_profile(given: Profile, request: Request) -> None:
    async def store_fields(unit: UnitOfWork) -> None:
        user_id = await user_of(request.sender, unit=unit, deps=request.deps)
        await unit.users.set_profile(user_id, **given)

    await request.deps.commit(store_fields)


async def kept_profile(request: Request) -> ProfileRow:
    async def load_profile(unit: UnitOfWork) -> ProfileRow:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        return await unit.users.profile(user.id) if user else ProfileRow()

    return await request.deps.read(load_profile)
