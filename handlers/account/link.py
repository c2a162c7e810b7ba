"""/link and /unlink: one listener on several platforms.

Linking gives everything of the account where the code is typed to the listener who asked for the code: account,
songs, votes, consent; preferences and profile are merged, the asking side's first. Unlinking, typed on a
platform, makes that platform's account a listener of its own again: it takes the songs that were begun there
and its owner's votes on these, and a copy of preferences, profile and consent. What was merged is not divided.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from handlers.errors import Refused
from handlers.preferences.store import MAX_AVOID, MAX_WORDS
from handlers.request import Request
from handlers.responses import Reply, Response
from handlers.texts import sentence
from handlers.users import user_of
from storage.repositories.users import Profile
from storage.unit_of_work import UnitOfWork

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without letters and digits that look alike
LENGTH = 8  # 40 bits: with 5 tries in 10 minutes nobody guesses one


async def link(request: Request) -> Response:
    """Give a code, or use the one that was typed."""
    if request.text("code"):
        return await _use_code(request)
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))

    async def store_code(unit: UnitOfWork) -> None:
        user_id = await user_of(request.sender, unit=unit, deps=request.deps)
        until = request.deps.clock.now() + timedelta(seconds=request.deps.limits.link_code_s)
        await unit.account_links.offer(user_id, code_hash=hashed(code), expires_at=until)

    await request.deps.commit(store_code)
    minutes = round(request.deps.limits.link_code_s / 60)
    shown = f"{code[:4]}-{code[4:]}"
    return Response(Reply(sentence(request.locale, "link_code", code=shown, minutes=minutes)))


async def unlink(request: Request) -> Response:
    """Make the account on this platform a listener of its own again."""

    async def split_account(unit: UnitOfWork) -> bool:
        user_id = await user_of(request.sender, unit=unit, deps=request.deps)
        await unit.users.lock(user_id)
        if len(await unit.account_links.platforms(user_id)) < 2:
            return False
        now = request.deps.clock.now()
        own = await unit.users.create(request.sender.username, now)
        await _copy_settings(user_id, own, unit=unit)
        await unit.account_links.move_platform(request.sender.platform, of=user_id, to=own)
        return True

    done = await request.deps.commit(split_account)
    return Response(Reply(sentence(request.locale, "unlinked" if done else "not_linked")))


def hashed(code: str) -> str:
    """A code as the database keeps it, however it was typed."""
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


async def _use_code(request: Request) -> Response:
    """Merge the two listeners if the code is right; count it if not."""

    async def merge_accounts(unit: UnitOfWork) -> str:
        now, limits = request.deps.clock.now(), request.deps.limits
        typist = await user_of(request.sender, unit=unit, deps=request.deps)
        await unit.users.lock(typist)
        tries = await unit.account_links.wrong_tries(typist, since=now - timedelta(seconds=limits.link_code_s))
        if tries >= limits.link_tries:
            return "link_too_many"
        owner = await unit.account_links.owner_of(hashed(request.text("code")), now=now)
        if owner is None:
            await unit.account_links.note_wrong_try(typist, tries=tries + 1, now=now)
            return "link_wrong"
        if owner == typist:
            return "link_self"
        if set(await unit.account_links.platforms(owner)) & set(await unit.account_links.platforms(typist)):
            return "link_same_platform"
        if not await unit.account_links.use_up(owner, hashed(request.text("code"))):
            return "link_wrong"
        await _merge_listeners(typist, owner, unit=unit)
        return "linked"

    code = await request.deps.commit(merge_accounts)
    if code != "linked":
        raise Refused(code, wait=round(request.deps.limits.link_code_s / 60))
    return Response(Reply(sentence(request.locale, "linked")))


async def _merge_listeners(gone: int, stays: int, *, unit: UnitOfWork) -> None:
    if not await unit.users.lock(gone, stays):
        raise Refused("link_wrong")
    await _merge_preferences(gone, stays, unit=unit)
    await _merge_profile(gone, stays, unit=unit)
    await unit.account_links.move_all(of=gone, to=stays)


async def _merge_preferences(gone: int, stays: int, *, unit: UnitOfWork) -> None:
    mine, theirs = await unit.preferences.get(stays), await unit.preferences.get(gone)
    tempo = mine if mine.bpm_min or mine.bpm_max else theirs
    avoid = ", ".join(dict.fromkeys(part for part in (mine.negative_prompts, theirs.negative_prompts) if part))
    await unit.preferences.set(
        stays,
        fav_genres=tuple(dict.fromkeys((*mine.fav_genres, *theirs.fav_genres)))[:MAX_WORDS],
        fav_instruments=tuple(dict.fromkeys((*mine.fav_instruments, *theirs.fav_instruments)))[:MAX_WORDS],
        bpm_min=tempo.bpm_min,
        bpm_max=tempo.bpm_max,
        negative_prompts=avoid[:MAX_AVOID] or None,
    )


async def _merge_profile(gone: int, stays: int, *, unit: UnitOfWork) -> None:
    mine, theirs = await unit.users.profile(stays), await unit.users.profile(gone)
    await unit.users.set_profile(
        stays,
        age=mine.age or theirs.age,
        gender=mine.gender or theirs.gender,
        locale=mine.locale or theirs.locale,
        notes=mine.notes or theirs.notes,
    )
    other = await unit.users.get(gone)
    if other is not None and other.accepted_at is not None:
        await unit.users.accept(stays, at=other.accepted_at)


async def _copy_settings(old: int, new: int, *, unit: UnitOfWork) -> None:
    kept, told, person = await unit.preferences.get(old), await unit.users.profile(old), await unit.users.get(old)
    await unit.preferences.set(
        new,
        fav_genres=kept.fav_genres,
        fav_instruments=kept.fav_instruments,
        bpm_min=kept.bpm_min,
        bpm_max=kept.bpm_max,
        negative_prompts=kept.negative_prompts or None,
    )
    await unit.users.set_profile(new, **Profile(age=told.age, gender=told.gender, locale=told.locale, notes=told.notes))
    if person is not None and person.accepted_at is not None:
        await unit.users.accept(new, at=person.accepted_at)
