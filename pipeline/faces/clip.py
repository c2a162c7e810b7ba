"""A stranger's video, from bytes to two upright frames a second. Runs in the mood reader's process."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline.errors import BadInput
from pipeline.faces.photo import MAX_MEGAPIXELS, MIN_SIDE_PX, Picture, check_megapixels
from pipeline.file_kind import MAX_CLIP_S, file_kind

FRAMES_PER_S = 2.0
LONG_SIDE_PX = 640  # finds faces from 6 % of the long side on; `face_search` shrinks further where it can
ROUNDING_S = 0.5  # a clip "of 60 seconds" may run a few frames longer

# What phones and chats produce, by the names of FFmpeg's decoders; a rare codec is a rarely tested decoder.
_CODECS = frozenset(
    (
        "h264",
        "hevc",
        "av1",
        "libdav1d",
        "vp8",
        "libvpx",
        "vp9",
        "libvpx-vp9",
        "mpeg4",
        "mjpeg",
        "h263",
        "theora",
    )
)
# FFmpeg's own guards: no demuxer that follows references (playlists), no protocol to follow them with.
# Sound formats are let in to be told that they have no picture.
_GUARDS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,ogg,mp3,wav,flac",
    "protocol_whitelist": "",
}


@dataclass(frozen=True, slots=True, eq=False)
class ClipFrame:
    """One sampled frame and when it is shown, in seconds from the clip's first."""

    time_s: float
    picture: Picture


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A decoded video: at most 121 small frames (149 MB when they are square)."""

    duration_s: float
    frames: tuple[ClipFrame, ...]


def read_clip(data: bytes, *, long_side: int = LONG_SIDE_PX) -> Clip:
    """Decode a video without its sound: upright frames half a second apart, at most `long_side` long.

    Raises BadInput: what `file_kind` raises, "no_video_stream", "broken_video", "video_too_long" (seconds,
    limit_seconds), "picture_too_large" and "picture_too_small". Lengths and sizes are checked before decoding
    where the container tells them, and again on what comes out of it.
    """
    if file_kind(data) != "video":
        raise BadInput("not_a_picture")
    try:
        file = io.BytesIO(data)
        with av.open(file, mode="r", options=dict(_GUARDS), metadata_errors="ignore") as container:
            return _sample(container, _moving_picture(container), long_side)
    except (FFmpegError, ValueError, OSError) as error:
        raise BadInput("broken_video") from error


def _moving_picture(container: InputContainer) -> VideoStream:
    """Choose the stream to look at, and set limits on its decoder, before anything is decoded."""
    cover = Disposition.attached_pic  # a song's cover picture is no video
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        raise BadInput("no_video_stream")
    if container.duration is not None:
        _check_length(container.duration / av.time_base)
    stream = streams[0]
    if stream.codec_context is None or stream.codec_context.name not in _CODECS:
        raise BadInput("broken_video")
    _check_size(stream.codec_context.width, stream.codec_context.height)
    stream.codec_context.options = {"max_pixels": str(MAX_MEGAPIXELS * 1_000_000)}
    stream.thread_type = "AUTO"
    return stream


def _sample(container: InputContainer, stream: VideoStream, long_side: int) -> Clip:
    frames: list[ClipFrame] = []
    start_s: float | None = None
    end_s = due_s = 0.0
    frame_s = 1 / float(stream.average_rate or 25)
    for number, frame in enumerate(container.decode(stream)):
        shown_s = frame.time if frame.time is not None else number * frame_s
        start_s = shown_s if start_s is None else start_s
        time_s = shown_s - start_s
        _check_length(time_s)
        end_s = max(end_s, time_s + frame_s)
        if time_s >= due_s:
            frames.append(ClipFrame(time_s, _upright(frame, long_side)))
            due_s = (math.floor(time_s * FRAMES_PER_S + 1e-6) + 1) / FRAMES_PER_S
    if not frames:
        raise BadInput("broken_video")
    return Clip(end_s, tuple(frames))


def _upright(frame: VideoFrame, long_side: int) -> Picture:
    """Shrink, then turn as the recording phone's orientation says."""
    _check_size(frame.width, frame.height)
    scale = min(1.0, long_side / max(frame.width, frame.height))
    width, height = (max(2, round(side * scale)) for side in (frame.width, frame.height))
    picture = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
    quarter_turns = round(frame.rotation / 90)  # counter-clockwise
    return np.ascontiguousarray(np.rot90(picture, quarter_turns), dtype=np.uint8)


def _check_length(seconds: float) -> None:
    if seconds > MAX_CLIP_S + ROUNDING_S:
        raise BadInput("video_too_long", seconds=round(seconds), limit_seconds=round(MAX_CLIP_S))


def _check_size(width: int, height: int) -> None:
    check_megapixels(width, height)
    if 0 < min(width, height) < MIN_SIDE_PX:
        raise BadInput("picture_too_small", width=width, height=height, limit_px=MIN_SIDE_PX)
