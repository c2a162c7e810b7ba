"""How a request becomes a message: body and files, sizes, permissions, replies, nonces, edits.

The REST routes and the interaction answers share it.
"""

from __future__ import annotations

import json
import mimetypes
import re
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_server.entities import (
    ATTACH,
    EPHEMERAL,
    HISTORY,
    LOADING,
    MIB,
    SEND,
    VIEW,
    Attachment,
    Channel,
    Message,
    User,
)
from tests.discord_server.gateway import Gateway
from tests.discord_server.message_limits import check_count, check_message
from tests.discord_server.rejections import Rejected, Violation
from tests.discord_server.world import World

REQUEST_LIMIT = 25 * MIB
NONCE_REMEMBERED_S = 300
Uploads = dict[int, tuple[str, bytes]]


async def read_body(request: web.Request) -> tuple[dict[str, Any], Uploads]:
    """Read JSON, or payload_json and files[n] of a multipart form."""
    if not request.content_type.startswith("multipart/"):
        return _loads(await request.read()), {}
    payload: dict[str, Any] = {}
    uploads: Uploads = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read())
        if part.name == "payload_json":
            payload = _loads(data)
        elif found := re.fullmatch(r"files\[(\d+)\]", part.name or ""):
            uploads[int(found[1])] = (part.filename or "unnamed", data)
    if sum(len(data) for _, data in uploads.values()) > REQUEST_LIMIT:
        raise Rejected(40005)
    return payload, uploads


def _loads(data: bytes) -> Any:
    try:
        return json.loads(data or b"{}")
    except ValueError as error:
        raise Rejected(50109) from error


class Messages:
    """Writes messages into the world and tells the gateway."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self.file_limit: int | None = None  # lower than announced, when a test sets it

    def channel(self, channel_id: int) -> Channel:
        """Find a channel the bot may look into: 10003 when gone, 50001 when closed to it."""
        channel = self._world.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise Rejected(10003)
        if channel.guild and (not channel.guild.has_bot or channel.denied & VIEW):
            raise Rejected(50001)
        return channel

    def find(self, channel: Channel, message_id: int) -> Message:
        """Find a message by its id; an ephemeral one does not exist for the channel's routes."""
        message = self._world.messages.get(message_id)
        if message is None or message.deleted or message.channel is not channel or message.only_for:
            raise Rejected(10008)
        return message

    async def send(self, channel: Channel, payload: dict[str, Any], uploads: Uploads) -> Message:
        """Create Message: by the bot, with its permissions, once per enforced nonce."""
        check_message(payload)
        if channel.recipient is not None and channel.recipient.dms_closed:
            raise Rejected(50007)
        if channel.denied & SEND or (uploads and channel.denied & ATTACH):
            raise Rejected(50013)
        if payload.get("enforce_nonce") and (earlier := self._with_nonce(payload.get("nonce"))):
            return earlier
        reply_to = self._reference(channel, payload.get("message_reference"))
        return await self.write(channel, self._world.bot, payload, uploads, reply_to=reply_to)

    def _with_nonce(self, nonce: object) -> Message | None:
        since = self._world.clock.now() - NONCE_REMEMBERED_S
        mine = (m for m in self._world.messages.values() if m.author is self._world.bot and m.created_at > since)
        return next((m for m in mine if nonce is not None and m.nonce == str(nonce)), None)

    def _reference(self, channel: Channel, reference: dict[str, Any] | None) -> Message | None:
        if reference is None:
            return None
        if channel.denied & HISTORY:
            raise Rejected(160002)
        message = self._world.messages.get(int(reference["message_id"]))
        if message is not None and not message.deleted and not message.only_for and message.channel is channel:
            return message
        if reference.get("fail_if_not_exists", True):
            raise Rejected(50035, field="message_reference", reason="REPLIES_UNKNOWN_MESSAGE")
        return None

    async def write(
        self,
        channel: Channel,
        author: User,
        payload: dict[str, Any],
        uploads: Uploads,
        *,
        reply_to: Message | None = None,
        only_for: User | None = None,
        interaction_id: int | None = None,
    ) -> Message:
        """Write a message whose body is already checked; only_for makes it ephemeral."""
        message = Message(
            self._world.snowflake(),
            channel,
            author,
            self._world.clock.now(),
            reply_to=reply_to,
            only_for=only_for,
            interaction_id=interaction_id,
            nonce=None if payload.get("nonce") is None else str(payload["nonce"]),
        )
        self._fill(message, payload, uploads)
        filled = message.content or message.embeds or message.attachments or message.components
        if not filled and not message.flags & LOADING:
            raise Rejected(50006)
        self._world.messages[message.id] = message
        await self._gateway.dispatch_message("MESSAGE_CREATE", message)
        return message

    async def edit(self, message: Message, payload: dict[str, Any], uploads: Uploads) -> Message:
        """Edit what the payload names; the rest stays."""
        check_message(payload)
        message.flags &= ~LOADING
        self._fill(message, payload, uploads)
        message.edited_at = self._world.clock.now()
        message.edits += 1
        await self._gateway.dispatch_message("MESSAGE_UPDATE", message)
        return message

    async def delete(self, message: Message) -> None:
        message.deleted = True
        ids = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild = message.channel.guild
        if message.only_for is None:
            extra = {"guild_id": str(guild.id)} if guild else {}
            await self._gateway.dispatch("MESSAGE_DELETE", ids | extra, guild=guild)

    def _fill(self, message: Message, payload: dict[str, Any], uploads: Uploads) -> None:
        if "content" in payload:
            message.content = payload["content"] or ""
        if payload.get("allowed_mentions") is not None or not message.edits:
            message.allowed_mentions = payload.get("allowed_mentions")
        if "flags" in payload:
            message.flags = payload["flags"] | (message.flags & EPHEMERAL)
        message.attachments = self._attachments(message, payload.get("attachments"), uploads)
        if "embeds" in payload:
            message.embeds = payload["embeds"] or []
            self._check_embedded_files(message)
        if "components" in payload:
            message.components = payload["components"] or []
        message.mentions = self._mentions(message)

    def _mentions(self, message: Message) -> list[User]:
        ids = [int(found) for found in re.findall(r"<@!?(\d+)>", message.content)]
        if message.reply_to and (message.allowed_mentions or {"replied_user": True}).get("replied_user"):
            ids.append(message.reply_to.author.id)
        return [self._world.users[number] for number in dict.fromkeys(ids) if number in self._world.users]

    def _attachments(self, message: Message, named: list[dict[str, Any]] | None, uploads: Uploads) -> list[Attachment]:
        limit = self.file_limit or message.channel.file_limit
        if message.author is self._world.bot and any(len(data) > limit for _, data in uploads.values()):
            raise Rejected(40005)  # people may have paid for more
        described = {int(entry["id"]): entry for entry in named or []}
        kept = [a for a in message.attachments if named is None or a.id in described]
        if described.keys() - {a.id for a in kept} - uploads.keys():
            raise Rejected(50035, field="attachments", reason="ATTACHMENT_NOT_FOUND")
        for number, (filename, data) in uploads.items():
            description = described.get(number, {}).get("description")
            kept.append(self.attachment(filename, data, description=description))
        check_count(kept, "attachments", 10)
        return kept

    def attachment(self, filename: str, data: bytes, *, description: str | None = None) -> Attachment:
        """Take a file in, with its name made safe for a URL as Discord does."""
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", filename)
        kind = mimetypes.guess_type(safe)[0] or "application/octet-stream"
        made = Attachment(self._world.snowflake(), safe, data, kind, description)
        self._world.files[made.id] = made
        return made

    def _check_embedded_files(self, message: Message) -> None:
        """Note an embed that shows a missing file: Discord leaves the picture out without a word."""
        names = {attachment.filename for attachment in message.attachments}
        for embed in message.embeds:
            for place in ("image", "thumbnail"):
                url = embed.get(place, {}).get("url", "")
                if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                    self._world.violations.append(Violation(0, f"embed {place}", f"{url} is not attached"))
