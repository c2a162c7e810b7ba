"""The reference prompts as briefs: what a language model is shown before it writes; used by backends and tests."""

# ruff: noqa: E501  (tables: one entry a line reads better than folded ones)
from __future__ import annotations

from pipeline.values import Brief, EmotionLabel, Section


def _brief(
    style: str,
    mood: str,
    bpm: int,
    key: str | None,
    instruments: str,
    sections: str,
    mix: str,
    avoid: str,
    overall: str,
) -> Brief:
    return Brief(
        style=style,
        mood=mood,
        bpm=bpm,
        key=key,
        instruments=_items(instruments),
        sections=tuple(_section(line) for line in sections.split("; ")),
        mix=_items(mix),
        avoid=_items(avoid),
        description=overall,
    )


def _items(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _section(line: str) -> Section:
    times, text = line.split(" ", 1)
    start, end = times.split("-")
    return Section(float(start), float(end), text)


MOOD_BRIEFS: dict[EmotionLabel, Brief] = {
    "sad": _brief(
        "melancholic lofi piano", "wistful, tender", 70, "A minor",
        "soft piano, warm pads, subtle vinyl hiss, gentle percussion",
        "0-8 sparse intro; 8-22 main theme with light bass; 22-30 soft breakdown",
        "warm, wide, smooth highs, gentle compression", "vocals, heavy drums, harsh leads", "quiet and comforting",
    ),
    "disgust": _brief(
        "dark industrial", "sneering, cold", 110, None,
        "metallic percussion, distorted synths, dissonant textures, gritty bass",
        "0-6 noisy intro; 6-22 driving groove; 22-30 tension rise",
        "cold, narrow mids, saturated edges, controlled low end", "acoustic guitars, cheerful chords, vocals", "cold contempt",
    ),
    "angry": _brief(
        "aggressive heavy rock/metal", "driving, furious", 150, None,
        "distorted rhythm guitars, tight bass, punchy drums, occasional leads",
        "0-6 short intro; 6-22 main riff; 22-30 intensified chorus with double kicks",
        "punchy, tight, bright presence", "pads, vocals, orchestral strings", "raw defiance",
    ),
    "fear": _brief(
        "cinematic suspense cue", "tense, dark", 90, None,
        "low strings, pulsing bass, drones, sparse hits, airy textures",
        "0-10 tense build; 10-24 pulse with evolving drones; 24-30 riser and sting",
        "dark, wide, deep lows, minimal highs", "melody vocals, upbeat drums, major chords", "something is about to happen",
    ),
    "happy": _brief(
        "cheerful upbeat pop/EDM", "bright, playful", 124, "C major",
        "acoustic guitar strums, bright synth lead, plucky arps, punchy kick, snappy claps, warm bass",
        "0-6 catchy intro with a short riser; 6-20 main groove with chord stabs and sidechained pads;"
        " 20-30 lift/mini-chorus with tambourine and extra layers",
        "bright, punchy, wide stereo, clean low end, subtle sidechain compression, minimal reverb on drums",
        "vocals, harsh distortion, heavy metal guitars, dark drones", "energetic, positive, danceable",
    ),
    "surprise": _brief(
        "playful syncopated electronica", "quirky, sparkling", 128, "D major",
        "bubbly synth plucks, staccato marimba, glitchy percussion, rubbery bass, sudden brass hits",
        "0-6 light intro that stops short; 6-20 syncopated groove that jumps to a new key; 20-30 twist ending with one last hit",
        "crisp, lively, wide stereo, snappy transients", "vocals, slow drones, gloomy chords", "gleeful and unpredictable",
    ),
    "neutral": _brief(
        "smooth contemporary R&B instrumental", "calm, mellow", 92, "F minor",
        "warm Rhodes chords, clean jazz guitar licks, silky synth lead, deep sub-bass, laid-back swing drums with soft snares",
        "0-6 mellow intro; 6-20 main groove with subtle counter-melodies; 20-30 lift with extra chord voicings and light percussion",
        "warm, intimate, wide stereo, gentle tape saturation, smooth highs, tight low end, light sidechain",
        "vocals, aggressive distortion, EDM supersaws, orchestral strings", "late-night chill and romantic",
    ),
}  # fmt: skip

# What a favourite genre (Mandopop R&B) makes of the neutral brief above.
FAVOURITE_BRIEF = _brief(
    "2000s Mandopop R&B ballad", "calm, glossy", 94, "A minor",
    "warm Rhodes chords, clean funk-influenced electric guitar licks, silky synth pads, deep sub-bass, tight syncopated drum groove",
    "0-6 intimate intro (keys and sparse guitar); 6-20 verse groove with tasteful guitar fills and subtle chord extensions;"
    " 20-30 hook with wider pads and a catchy counter-melody",
    "warm, glossy, wide stereo, gentle tape saturation, smooth highs, tight low end, light sidechain",
    "vocals, heavy rock distortion, EDM supersaws, orchestral strings, rap vocals", "contemporary Mandopop R&B vibe",
)  # fmt: skip
