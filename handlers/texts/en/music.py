"""English: MusicGen's worker, its weights and what it refuses."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # wishes
    "bad_sampling": "The value of {name} lies between {low} and {high}.",
    "melody_unsupported": "The engine here follows no melodies, only words.",
    "melody_kept": "Got it. Your next song follows this melody, if the engine here can; if not, it says so.",
    "melody_too_large": "That recording has {megabytes} MB; I can take up to {limit} MB.",
    "melody_too_long": "That recording lasts {seconds} seconds; I can take up to {limit}.",
    "melody_lost": "I lost the recording. Please send it once more.",
    "not_a_sound": "That is no recording I can use. A voice note, MP3, OGG, M4A, FLAC or WAV will do.",
    "remark_without_melody": "Made without your melody. {why}",
    "remark_shorter": "Shorter than you asked ({seconds} s): the machine ran out of memory.",
    "extend_unsupported": "The {engine} engine can't go on from an earlier song; only MusicGen can.",
    "extend_lost": "The song that this one should go on from is not there any more.",
    "bad_extension": "I can go on by {low} to {high} seconds.",
    "extend_unheard": "Song {id} never came out, so there is nothing to go on from.",
    "extend_full": "Song {id} is as long as a song can be: {limit} seconds.",
    "melody_too_short": "That melody is shorter than {seconds} seconds; please hum or play a little more.",
    "melody_silent": "I hear nothing in that melody. Please record it once more, louder.",
    "extend_too_short": "To go on from that song I need a length of at least {seconds} seconds.",
    "decoder_unknown": "I know no decoder called “{decoder}”: default or mbd.",
    # failures
    "out_of_memory": "There is not enough memory here for {seconds} seconds of music. "
    "Please try again when less is going on.",
    "engine_crashed": "The music engine broke while it played. Please try again.",
    "decoder_missing": "The MultiBandDiffusion decoder is not installed here. Please take the default decoder.",
    # set-up, for whoever runs it
    "music_extra_missing": "MusicGen's libraries are not installed. Please run: make music",
    "no_room_for_model": "The model does not fit into this device's memory. Take a smaller MUSICGEN_MODEL "
    "or fewer MUSICGEN_SLOTS.",
    "music_weights_missing": "The weights of {model} are missing. Please run: selfietune weights fetch {model}",
    "music_weights_damaged": "{file} did not arrive as it was published. Please run the same command once more.",
    "music_weights_unsafe": "The weights of {model} carry program code, so they were not opened.",
    "music_weights_broken": "The weights of {model} can't be read. Delete their folder and fetch them anew.",
    "music_weights_unknown": "I know no published model called “{model}”.",
    "music_weights_unreachable": "{model} could not be downloaded. The same command goes on where it stopped.",
    "music_weights_unsupported": "That checkpoint is built otherwise than MusicGen's, so it can't be played here.",
    "music_weights_licence": "The weights of {model} are under {licence}: its songs are not for sale, and say so.",
    "music_speed": "{model} takes {ratio} s for a second of music on this machine.",
    # what doctor says
    "doctor_engine_asked": "{engine}, as MUSIC_ENGINE says",
    "doctor_engine_gpu": "auto takes {engine}: there is a GPU",
    "doctor_engine_fast_cpu": "auto takes {engine}: {s_per_s} s for a second of music on this machine",
    "doctor_engine_slow_cpu": "auto takes {engine}: MusicGen would need {s_per_s} s for a second of music here",
    "doctor_engine_speed_unknown": "auto takes {engine}: how fast {model} is here was not measured",
    "doctor_engine_no_package": "auto takes {engine}: MusicGen's libraries are not installed",
    "doctor_engine_no_weights": "auto takes {engine}: {missing} of MusicGen's {model} is missing",
    "doctor_engine_lacks": "MUSIC_ENGINE says {engine}, but {missing} is missing",
    "doctor_do_engine": "set MUSIC_ENGINE=sketch to be content with it; else a GPU, or another MUSICGEN_MODEL",
    "doctor_do_engine_no_package": "optional, AI-generated songs: make music",
    "doctor_do_engine_no_weights": "optional, AI-generated songs: selfietune weights fetch {model}",
    "doctor_do_engine_speed_unknown": "measure it: selfietune weights fetch {model}",
    "doctor_do_engine_lacks": "run: make music, then: selfietune weights fetch {model}",
    "doctor_music_weights_right": "{model}: sizes and hashes are the published ones",
    "doctor_music_weights_wrong": "not as published: {files}",
    "doctor_do_music_weights": "fetch what is wrong anew: selfietune weights fetch {model}",
}
