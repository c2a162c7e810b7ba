"""Native 👍 and 👎 under a song count as the buttons do; replies to a song find it by its message."""

from __future__ import annotations

from handlers.deps import Deps
from handlers.events import Sender
from handlers.feedback.votes import count_votes
from handlers.users import user_of
from pipeline.values import Vote
from storage.unit_of_work import UnitOfWork

THUMBS: dict[str, Vote] = {"👍": "up", "👎": "down"}
SKIN_TONES = dict.fromkeys((*range(0x1F3FB, 0x1F400), 0xFE0F))  # and the variation selector


async def count_reaction(by: Sender, message_key: str, emoji: str, *, added: bool, deps: Deps) -> bool:
    """Count a reaction that was added or removed; False when it says nothing about a song of ours.

    message_key is the "key" of the MessageRef that `Chat.send_song` returned. Removing a thumb that is not the
    person's present vote changes nothing: whoever swaps thumbs removes the old one after adding the new one.
    """
    vote = THUMBS.get(emoji.translate(SKIN_TONES))
    if vote is None:
        return False

    async def store_reaction(unit: UnitOfWork) -> bool:
        song_id = await unit.outbox.song_of_message(by.platform, message_key)
        if song_id is None:
            return False
        user_id, now = await user_of(by, unit=unit, deps=deps), deps.clock.now()
        await unit.users.lock(user_id)
        mine = await unit.votes.of(song_id, user_id)
        if added:
            await unit.votes.cast(generation_id=song_id, user_id=user_id, now=now, vote=vote)
        elif mine is not None and mine.vote == vote:
            await unit.votes.take_back(generation_id=song_id, user_id=user_id, now=now)
        await count_votes(song_id, unit=unit, deps=deps)
        return True

    return await deps.commit(store_reaction)


async def song_of_message(platform: str, message_key: str, *, deps: Deps) -> int | None:
    """Give the song whose message this is."""
    return await deps.read(lambda unit: unit.outbox.song_of_message(platform, message_key))
