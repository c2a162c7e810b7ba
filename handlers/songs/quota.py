"""How many songs one person may have at once and in a day; told kindly, with the time it frees."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from handlers.errors import Refused
from handlers.limits import Limits
from handlers.songs.eta import estimate_queue
from storage.unit_of_work import UnitOfWork

DAY = timedelta(days=1)


async def check_quota(user_id: int, *, unit: UnitOfWork, limits: Limits, now: datetime) -> None:
    """Raise Refused "too_many_in_work" or "too_many_today" (limit; wait in minutes).

    Call it with the person's row locked.
    """
    in_work = await unit.song_queries.in_work(user_id)
    if len(in_work) >= limits.songs_in_work:
        estimate = await estimate_queue(unit)
        minutes = estimate.minutes(in_work[0], 30.0) or 1
        raise Refused("too_many_in_work", limit=limits.songs_in_work, wait=minutes)
    begun = await unit.song_queries.begun_since(user_id, since=now - DAY, limit=limits.songs_per_day)
    if len(begun) >= limits.songs_per_day:
        minutes = math.ceil((begun[-1] + DAY - now).total_seconds() / 60)
        raise Refused("too_many_today", limit=limits.songs_per_day, wait=max(minutes, 1))
