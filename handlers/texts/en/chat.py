"""English: what chats say about songs, cards, votes and first contact."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # first contact
    "greeting": "Hi! Send me a selfie or a short video, and I make a song for your mood.\n\n"
    "What happens with your photo: I look at it once to read the mood in the face, then it is deleted, also when "
    "something goes wrong. I keep the mood, the song and your votes, so that your next songs suit you better. "
    "/privacy shows what is kept; it can export or delete all of it.\n\n"
    "May I?",
    "accepted": "Thank you! Now send me a photo or a short video of your face, or name a mood with /mood. "
    "/help shows what else I can do.",
    "how_to_selfie": "Send me a photo or a short video with your face. Good light helps, and looking at the camera. "
    "No photo at hand? /mood makes a song from a word.",
    # buttons
    "button_accept": "Accept",
    "button_cancel": "Cancel",
    "button_retry": "Try again",
    "button_again": "Again",
    "button_details": "Details",
    "button_rate": "Rate",
    "button_another": "another…",
    "button_arrived": "It arrived",
    "button_resend": "Send again",
    "button_older": "Older songs",
    "button_export": "Export a copy",
    "button_erase": "Delete everything",
    "button_keep": "Keep it",
    "button_any_tempo": "any tempo",
    "page": "{page} of {pages}",
    # the status card
    "card_received": "Got it. I'll look at your photo in a moment.",
    "card_received_mood": "Got it. I'll write the brief in a moment.",
    "card_reading": "Reading the mood…",
    "card_asking": "Waiting for your answer.",
    "card_drafting": "Writing the brief…",
    "card_brief": "Brief: {style}, {bpm} BPM",
    "card_queued": "{ahead} ahead of you, about {minutes} min",
    "card_queued_unknown": "{ahead} ahead of you",
    "card_next": "You're next.",
    "card_next_minutes": "You're next, about {minutes} min",
    "card_rendering": "Rendering {percent} %",
    "card_delivering": "Sending…",
    "card_direct_later": "I can't write here by myself: what takes longer than 15 minutes comes as a direct message.",
    "card_sent_direct": "Your song is ready: look into your direct messages. It is under /history, too.",
    "ask_mood": "I'm not sure about your mood: {first} or {second}? If you don't say, I take {first} in two minutes.",
    "which_of_all": "Which mood is it?",
    "mood_taken": "Thank you, {mood} it is.",
    "answered_already": "That question is settled; the song is on its way.",
    # under the song
    "caption_mood": "Mood: {mood}, {percent} %",
    "caption_mood_chosen": "Mood: {mood}, as you said",
    "caption_made": "Music: {style}, {bpm} BPM, with {instruments}",
    "caption_played": "Composed and played by the {engine} engine",
    "caption_generated": "AI-generated with {engine}",
    "caption_licence": "{credit}, {licence}",
    "licence_noncommercial": "non-commercial",
    "caption_course": "In the video: {course}",
    "caption_faces": "I found {faces} faces; the largest counted.",
    "caption_picture": "Of your {pictures} pictures, number {picture} was the first with a face.",
    "reason_mood": "Why: {genre}, because it suits the mood",
    "reason_favourite": "Why: {genre}, one of your favourites",
    "reason_liked": "Why: {genre}, because you liked {liked} of {rated}",
    "reason_explore": "Why: {genre}, something new for you to try",
    # votes
    "voted_up": "Thank you! Your next songs will lean this way.",
    "voted_down": "Thank you, noted. Your next songs will be different.",
    "vote_taken_back": "Your vote is taken back.",
    "rated": "Thank you! You gave {score} of {high}.",
    "commented": "Thank you, your comment is kept with the song.",
    "nothing_rated": "Please choose a score, write a comment, or both.",
    "not_yours": "Only the person whose song this is can do that. Your 👍 and 👎 count, though!",
    "stale_button": "That button is from another time and does nothing any more. /help shows what I can do.",
    "again_begun": "A new take is on its way.",
    # delivery
    "did_it_arrive": "I sent your song, but the connection broke before I heard back. Did the song arrive?",
    "resending": "I'm sending it again.",
    "settled_already": "That is settled already.",
    "glad": "Good to hear. Enjoy it!",
    # limits
    "too_many_in_work": "You have {limit} songs in work, which is the most I do at once for one person. "
    "The next place should be free in about {wait}.",
    "too_many_today": "You have had {limit} songs in the last 24 hours, and that is a day's measure. "
    "The next one can begin in {wait}.",
    "minute": "a minute",
    "minutes": "{minutes} minutes",
    "hours": "{hours} hours",
    "no_mood_yet": "I never got to read the mood for song {id}, and the photo is deleted. Please send it once more.",
    # the sender's picture
    "no_face": "I found no face in it. Good light helps, and looking at the camera with the whole face visible. "
    "Or name your mood with /mood.",
    "not_a_picture": "That file is neither a photo nor a video I can read. JPEG, PNG, WebP, HEIC, GIF or MP4 will do.",
    "broken_picture": "That picture is damaged; I can't open it. Please send another one.",
    "broken_video": "That video is damaged; I can't open it. Please send another one.",
    "no_video_stream": "There is no picture in that video. Please send one that shows your face.",
    "picture_too_large": "That picture has {megapixels} megapixels; I can take up to {limit_megapixels}. "
    "A smaller copy will do.",
    "picture_too_small": "That picture is only {width} × {height} pixels; each side needs at least {limit_px}.",
    "video_too_long": "That video lasts {seconds} s; I can take up to {limit_seconds} s.",
    # engines
    "mood_crashed": "Looking at your picture went wrong on our side. Please try again.",
    "mood_unavailable": "I can't look at pictures right now. Please try later, or name your mood with /mood.",
    "detector_missing": "A part that finds faces is not installed here. Please tell whoever runs this bot.",
    "weights_missing": "A part that reads moods is missing here. Please tell whoever runs this bot.",
    "weights_damaged": "A part that reads moods is damaged here. Please tell whoever runs this bot.",
    "weights_source_missing": "A part that reads moods is not installed here. Please tell whoever runs this bot.",
    "download_failed": "A file that is needed could not be downloaded. Please try again later.",
    "soundfont_missing": "The instruments are not installed here. Please tell whoever runs this bot.",
    "soundfont_broken": "The instruments are damaged here. Please tell whoever runs this bot.",
    "silent_song": "The song came out silent, so I threw it away. Please try again.",
    "short_song": "The song broke off after {seconds} s, so I threw it away. Please try again.",
    "encoder_slow": "Packing the song took longer than {timeout_s} s, so I stopped. Please try again.",
    "encoder_failed": "Packing the song went wrong on our side. Please try again.",
    "encoder_missing": "The tool that packs songs is not installed here. Please tell whoever runs this bot.",
    "unreadable_audio": "I can't read that audio file. MP3, OGG or WAV will do.",
    "song_too_large": "The song does not fit into the {max_kb} kB that can be sent here. "
    "Please try it in a chat with me alone.",
}
