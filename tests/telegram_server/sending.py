"""Methods that put a message into a chat, or show that one is on its way."""

from __future__ import annotations

import io
import time

from PIL import Image
from telegram.constants import ChatAction

from tests.telegram_server.call import Call, Json, Upload, bad_request
from tests.telegram_server.files import PHOTO_LIMIT, UPLOAD_LIMIT, is_playable, is_thumbnail
from tests.telegram_server.markup import formatted, keyboard
from tests.telegram_server.world import Chat, Message, World

TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024  # characters


def send_message(world: World, call: Call) -> Json:
    chat = world.reach(call)
    content = formatted(call, "text", limit=TEXT_LIMIT)
    if "text" not in content:
        raise bad_request("message text is empty")
    return _send(world, call, chat, content)


def send_audio(world: World, call: Call) -> Json:
    """Send a song; what is not MP3 or M4A is refused here, though Telegram would turn it into a document."""
    chat = world.reach(call)
    audio = _media(world, call, "audio", UPLOAD_LIMIT)
    upload = call.upload("audio")
    if upload and not is_playable(upload.data):
        raise bad_request("audio must be in the MP3 or M4A format")
    audio |= {name: call.text(name) for name in ("title", "performer") if call.text(name)}
    audio |= {"duration": call.integer("duration", audio.get("duration", 0))} | _thumbnail(world, call)
    return _send(world, call, chat, {"audio": audio} | formatted(call, "caption", limit=CAPTION_LIMIT))


def send_document(world: World, call: Call) -> Json:
    chat = world.reach(call)
    document = _media(world, call, "document", UPLOAD_LIMIT) | _thumbnail(world, call)
    return _send(world, call, chat, {"document": document} | formatted(call, "caption", limit=CAPTION_LIMIT))


def send_photo(world: World, call: Call) -> Json:
    chat = world.reach(call)
    upload = call.upload("photo")
    if upload is None:
        photo = [_media(world, call, "photo", PHOTO_LIMIT)]
    else:
        _check_picture(upload)
        photo = world.files.keep_photo(upload.data)
    return _send(world, call, chat, {"photo": photo} | formatted(call, "caption", limit=CAPTION_LIMIT))


def send_chat_action(world: World, call: Call) -> bool:
    chat, action = world.reach(call), call.text("action")
    _topic(chat, call)
    if action not in set(ChatAction):
        raise bad_request("wrong parameter action in request")
    chat.actions.append((time.monotonic(), action))
    return True


def _send(world: World, call: Call, chat: Chat, content: Json) -> Json:
    markup, reply_to, topic = keyboard(call), _replied(chat, call), _topic(chat, call)
    return world.say(chat, world.bot, content, reply_to=reply_to, markup=markup, topic=topic).json()


def _topic(chat: Chat, call: Call) -> int | None:
    """Read the topic; one that was deleted meanwhile is nobody's mistake, one in a chat without topics is."""
    topic = call.integer("message_thread_id")
    if topic and topic not in chat.topics:
        raise bad_request("message thread not found", mistake=not any(m.topic == topic for m in chat.messages))
    return topic or None


def _replied(chat: Chat, call: Call) -> Message | None:
    if not (reply := call.json("reply_parameters")):
        return None
    found = chat.find(int(reply["message_id"]))
    if found is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found


def _media(world: World, call: Call, field: str, limit: int) -> Json:
    """Take a file from the request, or one that is known by its id."""
    if upload := call.upload(field):
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > limit:
            raise bad_request(f"file is too big: {len(upload.data)} bytes")
        file = world.files.keep(field, upload.data)
        return file.json() | {"file_name": upload.name, "mime_type": upload.mime}
    if (known := world.files.by_id.get(call.text(field))) is None:
        missing = (
            "wrong file identifier/HTTP URL specified" if call.text(field) else f"there is no {field} in the request"
        )
        raise bad_request(missing)
    return known.json()


def _thumbnail(world: World, call: Call) -> Json:
    """Take a thumbnail; Telegram silently drops an unfit one, here it is refused so that tests see it."""
    if (upload := call.upload("thumbnail")) is None:
        return {}
    if not is_thumbnail(upload.data):
        raise bad_request("thumbnail must be a JPEG of at most 200 kB and 320 pixels")
    with Image.open(io.BytesIO(upload.data)) as picture:
        size = {"width": picture.width, "height": picture.height}
    return {"thumbnail": world.files.keep("thumbnails", upload.data, suffix=".jpg").json() | size}


def _check_picture(upload: Upload) -> None:
    if len(upload.data) > PHOTO_LIMIT:
        raise bad_request("file is too big")
    try:
        with Image.open(io.BytesIO(upload.data)) as picture:
            width, height = picture.size
    except OSError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):  # pixels
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
