"""A person at Discord's own client: what they can do there, and nothing they can not.

What the client would not offer (an unknown command, a greyed button, a long text) raises NotOffered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.discord_server.client_rules import (
    ATTACHMENT,
    NotOffered,
    check_input,
    check_option,
    filled,
    is_called,
)
from tests.discord_server.entities import GUILD_INSTALL, USER_INSTALL, VIEW, Channel, Message, User
from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Interactions,
)
from tests.discord_server.message_limits import BUTTON, SELECTS, modal_fields
from tests.discord_server.messages import Messages
from tests.discord_server.rest import Rest
from tests.discord_server.world import World


@dataclass(frozen=True)
class File:
    """A file from a person's device."""

    name: str
    data: bytes


class UserClient:
    """One person's hands."""

    def __init__(
        self,
        user: User,
        world: World,
        *,
        gateway: Gateway,
        messages: Messages,
        rest: Rest,
        interactions: Interactions,
    ) -> None:
        self.user = user
        self._world = world
        self._gateway = gateway
        self._messages = messages
        self._rest = rest
        self._interactions = interactions

    async def post(
        self,
        channel: Channel,
        content: str = "",
        *,
        files: tuple[File, ...] = (),
        reply_to: Message | None = None,
    ) -> Message:
        """Post a message with files; mention people with their `<@id>`."""
        uploads = {n: (file.name, file.data) for n, file in enumerate(files)}
        kinds = {"attachments": [{"id": n} for n in uploads]}
        return await self._messages.write(channel, self.user, {"content": content} | kinds, uploads, reply_to=reply_to)

    async def delete(self, message: Message) -> None:
        await self._messages.delete(message)

    async def delete_channel(self, channel: Channel) -> None:
        """Delete the channel with its messages (10003 from then on)."""
        channel.deleted = True
        await self._gateway.dispatch("CHANNEL_DELETE", channel.json(self._world.bot), guild=channel.guild)

    async def close_channel(self, channel: Channel, *, denied: int = VIEW) -> None:
        """Take permissions away from the bot: VIEW gives 50001, SEND and ATTACH 50013. For a DM: 50007."""
        if channel.recipient is not None:
            channel.recipient.dms_closed = True
            return
        channel.denied = denied
        await self._gateway.dispatch("CHANNEL_UPDATE", channel.json(self._world.bot), guild=channel.guild)

    def install(self) -> None:
        """Install the application for oneself: its commands then work in every server."""
        self.user.installed = True

    async def react(self, message: Message, emoji: str) -> None:
        await self._rest.react(self.user, message, emoji)

    async def unreact(self, message: Message, emoji: str) -> None:
        await self._rest.unreact(self.user, message, emoji)

    async def slash(self, channel: Channel, name: str, **values: Any) -> Interaction:
        """Run "/name" or "/group name" with its options; a `File` goes into an attachment option."""
        return await self._command(channel, name, values, kind=COMMAND)

    async def complete(self, channel: Channel, name: str, option: str, typed: str, **values: Any) -> Interaction:
        """Type into an option with autocomplete; the interaction's `choices` hold what is offered."""
        return await self._command(channel, name, values | {option: typed}, kind=AUTOCOMPLETE, focused=option)

    async def context_menu(self, channel: Channel, name: str, message: Message) -> Interaction:
        """Choose an entry of a message's menu."""
        command = self._offered(channel, name, kind=3)
        resolved = {"messages": {str(message.id): self._world.message_json(message)}}
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": resolved,
        }
        return await self._interactions.open(self.user, channel, COMMAND, data)

    async def press(self, message: Message, button: str) -> Interaction:
        """Press the one button whose custom_id, label or emoji this is (a part of the label is enough)."""
        found = [p for p in message.parts if p["type"] == BUTTON and "custom_id" in p and is_called(p, button)]
        if len(found) != 1 or found[0].get("disabled"):
            raise NotOffered(f"{len(found)} buttons {button!r} among {message.parts}")
        return await self._use(message, {"custom_id": found[0]["custom_id"], "component_type": BUTTON})

    async def choose(self, message: Message, *values: str) -> Interaction:
        """Choose from the message's one select menu."""
        found = [part for part in message.parts if part["type"] in SELECTS]
        if len(found) != 1 or found[0].get("disabled"):
            raise NotOffered(f"{len(found)} menus")
        menu = found[0]
        if not menu.get("min_values", 1) <= len(values) <= menu.get("max_values", 1):
            raise NotOffered(f"{len(values)} values")
        if not set(values) <= {option["value"] for option in menu["options"]}:
            raise NotOffered(f"{values} among {menu['options']}")
        data = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": list(values)}
        return await self._use(message, data)

    async def forge(self, message: Message, custom_id: str) -> Interaction:
        """Press a button that is not there, as a tampered client may."""
        return await self._use(message, {"custom_id": custom_id, "component_type": BUTTON})

    async def _use(self, message: Message, data: dict[str, Any]) -> Interaction:
        if message.deleted or message.only_for not in (None, self.user):
            raise NotOffered("the message is not to be seen")
        return await self._interactions.open(self.user, message.channel, COMPONENT, data, message=message)

    async def submit(self, interaction: Interaction, **values: str) -> Interaction:
        """Fill in the modal that an interaction brought, by custom_id, and send it."""
        if interaction.modal is None:
            raise NotOffered("no modal was opened")
        fields = {field["custom_id"]: field for field in modal_fields(interaction.modal)}
        if not values.keys() <= fields.keys():
            raise NotOffered(f"{values.keys()} among {fields.keys()}")
        for custom_id, field in fields.items():
            check_input(field, values.get(custom_id, ""))
        data = {"custom_id": interaction.modal["custom_id"], "components": filled(interaction.modal, values)}
        return await self._interactions.open(
            self.user, interaction.channel, MODAL_SUBMIT, data, message=interaction.message
        )

    def _offered(self, channel: Channel, name: str, *, kind: int) -> dict[str, Any]:
        """Find a synced command that Discord shows this person in this channel."""
        command = next((c for c in self._world.commands if (c["name"], c["type"]) == (name, kind)), None)
        if command is None:
            raise NotOffered(f"no command {name!r}")
        here = 0 if channel.guild else 1
        types = command.get("integration_types") or [GUILD_INSTALL]
        bot_here = channel.guild is None or channel.guild.has_bot
        installed = (GUILD_INSTALL in types and bot_here) or (USER_INSTALL in types and self.user.installed)
        contexts = command.get("contexts")
        if not installed or (contexts is not None and here not in contexts):
            raise NotOffered(f"{name!r} in this place")
        return command

    async def _command(
        self, channel: Channel, name: str, values: dict[str, Any], *, kind: int, focused: str | None = None
    ) -> Interaction:
        first, *path = name.split()
        command = self._offered(channel, first, kind=1)
        nodes, definition = [], command
        for word in path:
            definition = next((o for o in definition.get("options", []) if o["name"] == word), {})
            nodes.append(definition)
        if not definition or any(option["type"] <= 2 for option in definition.get("options", [])):
            raise NotOffered(f"no subcommand {name!r}")
        files: dict[str, Any] = {}
        options = self._options(channel, definition, values, focused=focused, files=files)
        for node in reversed(nodes):
            options = [{"name": node["name"], "type": node["type"], "options": options}]
        data = {"id": command["id"], "name": first, "type": 1, "options": options}
        return await self._interactions.open(
            self.user, channel, kind, data | ({"resolved": {"attachments": files}} if files else {})
        )

    def _options(
        self, channel: Channel, definition: dict[str, Any], values: dict[str, Any], *, focused: str | None,
        files: dict[str, Any],
    ) -> list[dict[str, Any]]:  # fmt: skip
        known = {option["name"]: option for option in definition.get("options", [])}
        missing = {name for name, option in known.items() if option.get("required") and not focused} - values.keys()
        if missing or not values.keys() <= known.keys():
            raise NotOffered(f"options {values.keys()} for {known.keys()}")
        made = []
        for name, value in values.items():
            option = known[name]
            if name == focused and not option.get("autocomplete"):
                raise NotOffered(f"no autocomplete in {name!r}")
            if isinstance(value, File) and option["type"] == ATTACHMENT:
                kept = self._messages.attachment(value.name, value.data)
                files[str(kept.id)] = self._world.attachment_json(channel, kept)
                value = str(kept.id)
            elif name != focused:
                check_option(option, value)
            focus = {"focused": True} if name == focused else {}
            made.append({"name": name, "type": option["type"], "value": value} | focus)
        return made
