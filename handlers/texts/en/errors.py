"""English: what every place says."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "song_title": "{mood} {genre}",
    # the sender's file
    "empty_file": "That file is empty. Please send the photo again.",
    "file_too_large": "That file has {megabytes} MB; I can take up to {limit} MB. A smaller copy will do.",
    "photo_lost": "I lost your photo before I could look at it. Please send it once more.",
    "bad_duration": "A song can last from {low} to {high} seconds.",
    # our failures
    "broken": "Something broke on our side, and it has been written down. Please try again.",
    "worker_died": "Making this song failed {attempts} times, so I stopped. Please try again later.",
    "mood_timeout": "Looking at your picture took too long. Please try again, or send a smaller one.",
    "render_timeout": "Rendering took too long, so I stopped it. Please try again.",
    "delivery_timeout": "The song is ready, but I could not send it in time. /history lists it, and /show sends it.",
    # wishes
    "unknown_song": "I know no song with the number {id}.",
    "unknown_listener": "I don't know a listener called “{name}” yet.",
    "bad_score": "A score lies between {low} and {high}.",
    "comment_too_long": "A comment can have up to {limit} characters.",
    "too_many_words": "That list is too long; please name up to {limit}.",
    "word_too_long": "One of those names is too long; please keep each under {limit} characters.",
    "avoid_too_long": "Please describe what to avoid in up to {limit} characters.",
    "bad_bpm": "A tempo range is two numbers between {low} and {high}, the smaller one first, such as 80-120.",
    "unknown_locale": "I speak these languages: {known}.",
    "cancelled": "The song was cancelled.",
    "unknown_engine": "I don't have the engine “{engine}” here. Leave the choice to me, or ask for sketch.",
    # Discord's own
    "menu_make_song": "Make a song",
    "no_picture": "I see no picture there. Please send a photo or short video of a face.",
    "answer_too_large": "That is more than this chat takes in one file. A place with a higher limit may do.",
    "rate_title": "Rate song {id}",
    "rate_score": "Stars, 0 to 5",
    "rate_comment": "What should be different next time?",
    # a song's way
    "stage_received": "photo received",
    "stage_reading": "reading the mood",
    "stage_asking": "waiting for your answer",
    "stage_drafting": "writing the brief",
    "stage_queued": "waiting for the musicians",
    "stage_rendering": "rendering",
    "stage_delivering": "sending",
    "stage_delivered": "done",
    "stage_failed": "failed",
    "stage_cancelled": "cancelled",
    "stage_ambiguous": "sent, perhaps",
    # Telegram's own
    "ask_score": "How many stars, from 0 to 5? If you like, answer the song with a few words, too.",
    "open_private": "That answer is for you alone. Open a chat with me and press Start, then ask again.",
    "about_start": "begin: what I do, and what happens to photos",
    "profile_description": "Send me a selfie or a short video, and I make a song for your mood. "
    "Your 👍 and 👎 shape the next one. Photos are deleted as soon as the mood is read.",
    "profile_short": "A selfie becomes a song for your mood.",
}
