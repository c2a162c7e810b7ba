"""How each mood sounds: a core that no taste changes, and a palette from which drafts are drawn.

`brief.draft` reads the palettes, `brief.rules` the cores, `brief.genre_choice` the usual genres. Tempi are in BPM.
"""

# ruff: noqa: E501  (tables: one entry a line reads better than folded ones)
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.catalog.instruments import Family
from pipeline.values import EmotionLabel

Mode = Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One way a mood may sound: a style with the instruments that belong together."""

    genre: str  # a name of pipeline.catalog.genres
    style: str
    instruments: tuple[str, ...]  # the first two are always in a draft, others are drawn from the rest


@dataclass(frozen=True, slots=True)
class MoodSound:
    """A mood's core and palette."""

    tempo: tuple[int, int]  # BPM of drafts
    core_tempo: tuple[int, int]  # BPM that a proposal is moved into
    mode: Mode | None  # None: both, or no key at all
    keys: tuple[str | None, ...]
    words: tuple[str, ...]  # any two describe the mood; one of them always stands in the prompt
    tints: tuple[str, ...]  # adjectives before a genre: "melancholic" jazz
    contrary: str  # words that contradict the mood
    pictures: tuple[Picture, ...]
    openings: tuple[str, ...]
    mains: tuple[str, ...]
    turns: tuple[str, ...]  # second half of longer songs
    endings: tuple[str, ...]
    mix: tuple[str, ...]
    avoid: tuple[str, ...]
    overall: tuple[str, ...]
    blend: str  # its adjective in a song of another mood, when it is a close second
    arrival: str  # the ending of a song for a video that ends in this mood
    departure: str  # the opening of a song for a video that begins in it


def _p(genre: str, style: str, instruments: str) -> Picture:
    return Picture(genre, style, _split(instruments))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


MOODS: dict[EmotionLabel, MoodSound] = {
    "sad": MoodSound(
        tempo=(62, 78),
        core_tempo=(50, 92),
        mode="minor",
        keys=("A minor", "D minor", "E minor", "C minor", "G minor", "F# minor"),
        words=_split("wistful, tender, warm, lonely, longing, fragile, reflective, sorrowful"),
        tints=_split("melancholic, wistful, sorrowful, bittersweet"),
        contrary="cheerful upbeat happy joyful sunny euphoric energetic festive aggressive party jolly triumphant danceable fast",
        pictures=(
            _p("lofi", "melancholic lofi piano", "soft piano, warm pads, subtle vinyl hiss, gentle percussion, round mellow bass, dusty Rhodes"),
            _p("neoclassical", "sorrowful neoclassical piano", "felt piano, solo cello, muted string ensemble, distant celesta, warm low drones"),
            _p("folk", "wistful acoustic folk", "fingerpicked acoustic guitar, soft upright bass, lonely fiddle, brushed snare, faint harmonium"),
            _p("R&B", "melancholic slow R&B", "warm Rhodes chords, deep sub-bass, soft rimshot drums, clean guitar echoes, airy pads"),
            _p("ambient", "mournful ambient", "slow evolving pads, distant piano notes, bowed cello swells, soft tape hiss, low drones"),
        ),
        openings=_split("sparse intro, quiet intro with single notes, slow fade-in over soft chords, bare intro with long pauses"),
        mains=_split("main theme with light bass, aching main melody over slow chords, main theme unfolding in long phrases, plain main theme that keeps returning"),
        turns=_split("second theme with a fuller harmony, restrained swell with an added counter-melody, main theme an octave higher"),
        endings=_split("soft breakdown, slow fade on the last chord, thinned-out ending that trails away, quiet return of the opening"),
        mix=_split("warm, wide, smooth highs, gentle compression, close and intimate, soft attack, long reverb tails"),
        avoid=_split("heavy drums, harsh leads, bright brass"),
        overall=_split("quiet and comforting, a slow look out of a rainy window, grief held gently, late-night solitude"),
        blend="bittersweet",
        arrival="soft breakdown that sinks into longing",
        departure="sparse and lonely intro",
    ),
    "disgust": MoodSound(
        tempo=(102, 116),
        core_tempo=(80, 135),
        mode="minor",
        keys=(None, "C minor", "F minor", "C# minor", None),
        words=_split("dark, sour, grimy, queasy, cold, sneering, murky, caustic"),
        tints=_split("dark, grimy, sour, warped"),
        contrary="cheerful sweet pretty happy sunny innocent joyful cosy cozy lovely tender romantic pure uplifting",
        pictures=(
            _p("industrial", "dark industrial", "metallic percussion, distorted synths, dissonant textures, gritty bass, grinding machine loops"),
            _p("techno", "grimy warehouse techno", "rusty kick drum, corroded acid line, scraping metal hits, rumbling sub-bass, detuned drones"),
            _p("trip-hop", "murky trip-hop", "crooked breakbeat, bitter detuned keys, growling bass, scratched vinyl noise, sour muted horn"),
            _p("dubstep", "caustic half-time dubstep", "snarling wobble bass, lurching half-time drums, acid stabs, bit-crushed textures, hissing noise sweeps"),
        ),
        openings=_split("noisy intro, crackling intro with detuned drones, sputtering intro of scraped metal, hissing low intro"),
        mains=_split("driving groove, lurching main groove with dissonant stabs, grinding main riff, crooked groove that never settles"),
        turns=_split("groove broken up by noise bursts, stripped groove with sour counter-lines, mechanical build-up"),
        endings=_split("tension rise, collapsing ending with a noise burst, grinding halt, unresolved dissonant close"),
        mix=_split("cold, narrow mids, saturated edges, controlled low end, bit-crushed grain, dry and close"),
        avoid=_split("acoustic guitars, cheerful chords, sweet melodies"),
        overall=_split("a grimace set to a groove, recoil and unease, rotten glamour, cold contempt"),
        blend="sour",
        arrival="grinding dissonant close",
        departure="sour intro with detuned drones",
    ),
    "angry": MoodSound(
        tempo=(140, 164),
        core_tempo=(118, 190),
        mode="minor",
        keys=("E minor", "D minor", None, "B minor", "C# minor"),
        words=_split("driving, furious, relentless, fierce, pounding, defiant, hard-hitting, explosive"),
        tints=_split("aggressive, furious, hard-driving, ferocious"),
        contrary="calm gentle peaceful relaxed soothing cheerful sleepy tender mellow serene dreamy laid-back lazy sweet slow",
        pictures=(
            _p("metal", "aggressive heavy rock/metal", "distorted rhythm guitars, tight bass, punchy drums, occasional leads, double-kick bursts"),
            _p("punk rock", "furious punk rock", "buzzing power chords, fast eighth-note bass, crashing live drums, snarling lead guitar, gang claps"),
            _p("drum and bass", "ferocious drum and bass", "slamming breakbeat, distorted reese bass, siren synth stabs, gritty mid-range growls, metallic hits"),
            _p("trap", "hard-hitting aggressive trap", "distorted 808 bass, cracking snare, menacing brass stabs, rattling hats, dark bell riff"),
        ),
        openings=_split("short intro, feedback intro with a count-in, short riff intro that launches at once, rising snare intro"),
        mains=_split("main riff, pounding main riff in lockstep, relentless main groove, driving verse riff with sharp stops"),
        turns=_split("stripped breakdown before the return, half-bar stops and furious fills, faster variation of the riff"),
        endings=_split("intensified chorus with double kicks, all-out final chorus, hammering finale with a dead stop, last riff doubled in weight"),
        mix=_split("punchy, tight, bright presence, hard-panned layers, loud and dry, controlled low end"),
        avoid=_split("pads, orchestral strings, soft ballad moments"),
        overall=_split("rage with nowhere to hide, clenched fists and forward motion, raw defiance, pressure released"),
        blend="fierce",
        arrival="hard-hitting final surge",
        departure="tense intro with hard accents",
    ),
    "fear": MoodSound(
        tempo=(80, 98),
        core_tempo=(55, 120),
        mode="minor",
        keys=("D minor", "C minor", "B minor", None, "F minor"),
        words=_split("tense, dark, uneasy, suspenseful, brooding, breathless, haunted, shadowy"),
        tints=_split("suspenseful, haunted, dark, brooding"),
        contrary="cheerful happy upbeat sunny cosy cozy joyful festive carefree danceable bright relaxed",
        pictures=(
            _p("cinematic", "cinematic suspense cue", "low strings, pulsing bass, drones, sparse hits, airy textures"),
            _p("ambient", "dark ambient", "low evolving drones, reversed piano notes, distant metallic scrapes, breathing pads, sub-bass swells"),
            _p("synthwave", "horror synthwave", "pulsing analog bass, cold synth arpeggio, thin high pad, slow gated drums, detuned bell motif"),
            _p("trip-hop", "haunted trip-hop", "slow heavy breakbeat, creeping upright bass, tremolo strings, music box fragments, vinyl crackle"),
        ),
        openings=_split("tense build, near-silent intro over one low note, slow creeping intro, distant hits in empty space"),
        mains=_split("pulse with evolving drones, heartbeat pulse under a creeping motif, slow pulse that tightens, stalking ostinato"),
        turns=_split("pulse drops out and leaves high held notes, ostinato a step higher, sudden hush before the pulse returns"),
        endings=_split("riser and sting, rising cluster cut off dead, last hit that rings into silence, pulse stops on an open question"),
        mix=_split("dark, wide, deep lows, minimal highs, cavernous reverb, sudden dynamics"),
        avoid=_split("melody vocals, upbeat drums, major chords"),
        overall=_split("footsteps behind a door in the dark, dread that never shows itself, held breath, something is about to happen"),
        blend="uneasy",
        arrival="uneasy fade on held low tones",
        departure="tense build over a low pulse",
    ),
    "happy": MoodSound(
        tempo=(112, 128),
        core_tempo=(96, 160),
        mode="major",
        keys=("C major", "G major", "D major", "F major", "A major", "Bb major"),
        words=_split("bright, sunny, joyful, carefree, playful, radiant, feel-good, lively"),
        tints=_split("cheerful, upbeat, feel-good, sunny"),
        contrary="sad melancholic gloomy sombre somber mournful sorrowful dark haunted bleak tragic menacing angry depressing dreary",
        pictures=(
            _p("pop", "cheerful upbeat pop/EDM", "acoustic guitar strums, bright synth lead, plucky arps, punchy kick, snappy claps, warm bass"),
            _p("indie pop", "sunny indie pop", "jangly guitars, handclaps, bouncy bass, glockenspiel, tambourine, crisp live drums"),
            _p("disco", "feel-good disco-funk", "wah guitar scratches, slap bass, tight four-on-the-floor drums, bright horn stabs, clavinet, congas"),
            _p("folk", "cheerful acoustic folk-pop", "ukulele strums, foot stomps, airy flute hook, upright bass, hand claps, bright piano"),
            _p("house", "uplifting piano house", "bright piano chords, four-on-the-floor kick, rolling synth bass, crisp hats, airy pads, snappy claps"),
        ),
        openings=_split("catchy intro with a short riser, bright pickup and hook intro, clap-along intro, light intro that bounces in"),
        mains=_split("main groove with chord stabs, main groove with a sing-along hook, bouncing main theme, main groove with call and answer"),
        turns=_split("short breakdown that builds back up, second hook on top of the groove, playful bridge"),
        endings=_split("lift/mini-chorus with extra layers, final lift with tambourine and a high counter-melody, big last chorus and a clean final hit, joyful mini-chorus one step brighter"),
        mix=_split("bright, punchy, wide stereo, clean low end, subtle sidechain compression, minimal reverb on drums, crisp highs"),
        avoid=_split("harsh distortion, heavy metal guitars, dark drones"),
        overall=("energetic, positive, danceable", "feel-good and light-footed", "windows down on the first warm day", "a grin that spreads"),
        blend="hopeful",
        arrival="uplifting final lift with brighter chords",
        departure="light and sunny intro",
    ),
    "surprise": MoodSound(
        tempo=(118, 138),
        core_tempo=(96, 170),
        mode="major",
        keys=("D major", "E major", "A major", "Bb major", "F major", "Eb major"),
        words=_split("playful, sudden, quirky, sparkling, bright, restless, whimsical, wide-eyed"),
        tints=_split("playful, quirky, whimsical, zany"),
        contrary="gloomy sleepy sombre somber mournful dreary monotonous bleak tragic depressing lazy",
        pictures=(
            _p("electronic", "playful syncopated electronica", "bubbly synth plucks, staccato marimba, glitchy percussion, rubbery bass, sudden brass hits"),
            _p("funk", "quirky stop-and-go funk", "choppy wah guitar, elastic slap bass, syncopated drums, cartoonish horn stabs, toy piano"),
            _p("chiptune", "zany chiptune", "leaping square-wave lead, 8-bit arpeggios, bouncing triangle bass, noise-burst drums, pitch-bend zaps"),
            _p("cinematic", "whimsical orchestral scherzo", "pizzicato strings, darting woodwinds, glockenspiel, bassoon bass line, sudden cymbal accents"),
            _p("swing", "madcap electro swing", "muted trumpet licks, clarinet runs, walking bass, shuffling drums, chopped piano stabs"),
        ),
        openings=_split("light intro that stops short, tiptoe intro and a sudden hit, two false starts, quiet pickup into a bright splash"),
        mains=_split("syncopated groove that jumps to a new key, playful main theme with an abrupt texture change, main groove with stops and bright bursts, hopping theme answered in another register"),
        turns=_split("unexpected half-time turn, sudden drop to one instrument and back, key lift with a new sparkling texture"),
        endings=_split("twist ending with one last hit, quick climb and a bright splash, full-band burst that ends on an offbeat, rising run and a wink"),
        mix=_split("crisp, lively, wide stereo, snappy transients, dry and close, sparkling highs"),
        avoid=_split("slow drones, monotone loops, gloomy chords"),
        overall=_split("a jack-in-the-box in music, gleeful and unpredictable, eyes wide open, one turn after another"),
        blend="playful",
        arrival="sudden bright twist in a new key",
        departure="hushed intro with a sudden bright hit",
    ),
    "neutral": MoodSound(
        tempo=(86, 102),
        core_tempo=(60, 140),
        mode=None,
        keys=("F minor", "C major", "D minor", "G major", "A minor", "Eb major"),
        words=_split("calm, balanced, mellow, relaxed, easy-going, unhurried, clear, steady"),
        tints=_split("smooth, mellow, laid-back, easy-going"),
        contrary="furious aggressive frantic tragic",
        pictures=(
            _p("R&B", "smooth contemporary R&B", "warm Rhodes chords, clean jazz guitar licks, silky synth lead, deep sub-bass, laid-back swing drums"),
            _p("lofi", "mellow lofi hip-hop", "dusty electric piano, muted guitar, soft boom-bap drums, round bass, vinyl crackle"),
            _p("bossa nova", "easy-going bossa nova", "nylon guitar, soft shaker, upright bass, airy flute, light rim clicks"),
            _p("city pop", "laid-back city pop", "chorused clean guitar, electric piano, melodic bass, tight soft drums, glassy pads"),
            _p("deep house", "smooth deep house", "muted chord stabs, rounded sub-bass, soft kick, shuffled hats, airy pads"),
        ),
        openings=_split("mellow intro, intimate intro with keys alone, easy intro that settles in, soft filtered intro"),
        mains=_split("main groove with subtle counter-melodies, steady main groove with small fills, unhurried main theme, relaxed groove with room to breathe"),
        turns=_split("stripped bridge with the groove held back, second theme with a warmer harmony, light solo over the groove"),
        endings=_split("lift with extra chord voicings and light percussion, gentle lift and a soft landing, last theme that settles, warm outro with fewer layers"),
        mix=_split("warm, intimate, wide stereo, gentle tape saturation, smooth highs, tight low end, light sidechain"),
        avoid=_split("aggressive distortion, EDM supersaws, piercing leads"),
        overall=_split("late-night chill, an even keel, good company for quiet work, an unhurried afternoon"),
        blend="easy-going",
        arrival="calm and settled ending",
        departure="even and relaxed intro",
    ),
}  # fmt: skip

# How a mood plays a favourite instrument; {} is its name.
TOUCH: dict[EmotionLabel, dict[Family, str]] = {
    "sad": {
        "keys": "soft {}", "guitar": "gentle {}", "strummed": "fingerpicked {}", "bass": "mellow {}", "drums": "sparse brushed {}",
        "percussion": "gentle {}", "strings": "mournful {}", "brass": "muted {}", "winds": "breathy {}", "mallets": "distant {}",
        "plucked": "slow ringing {}", "synth": "warm {}", "voice": "wordless {}", "texture": "faint {}", "other": "soft {}",
    },
    "disgust": {
        "keys": "detuned {}", "guitar": "scraping {}", "strummed": "scratchy {}", "bass": "gritty {}", "drums": "mechanical {}",
        "percussion": "clattering {}", "strings": "dissonant {}", "brass": "snarling {}", "winds": "sour {}", "mallets": "clanging {}",
        "plucked": "warped {}", "synth": "corroded {}", "voice": "wordless warped {}", "texture": "grimy {}", "other": "warped {}",
    },
    "angry": {
        "keys": "hammered {}", "guitar": "aggressive {}", "strummed": "hard-strummed {}", "bass": "tight overdriven {}",
        "drums": "pounding {}", "percussion": "frantic {}", "strings": "slashing {}", "brass": "blaring {}", "winds": "piercing {}",
        "mallets": "hard-struck {}", "plucked": "fast tremolo {}", "synth": "aggressive {}", "voice": "wordless roaring {}",
        "texture": "harsh {}", "other": "fierce {}",
    },
    "fear": {
        "keys": "sparse low {}", "guitar": "reverberant {}", "strummed": "hesitant {}", "bass": "pulsing {}", "drums": "distant {}",
        "percussion": "rattling {}", "strings": "trembling {}", "brass": "low ominous {}", "winds": "hollow {}", "mallets": "eerie {}",
        "plucked": "scraped {}", "synth": "cold {}", "voice": "wordless whispering {}", "texture": "dark {}", "other": "ghostly {}",
    },
    "happy": {
        "keys": "bright {}", "guitar": "clean rhythmic {}", "strummed": "sunny {}", "bass": "bouncy {}", "drums": "punchy {}",
        "percussion": "lively {}", "strings": "soaring {}", "brass": "bright {}", "winds": "cheerful {}", "mallets": "sparkling {}",
        "plucked": "nimble {}", "synth": "bright {}", "voice": "wordless sunny {}", "texture": "light {}", "other": "lively {}",
    },
    "surprise": {
        "keys": "staccato {}", "guitar": "choppy {}", "strummed": "jumpy {}", "bass": "elastic {}", "drums": "syncopated {}",
        "percussion": "skittering {}", "strings": "springy {}", "brass": "sudden {}", "winds": "darting {}", "mallets": "twinkling {}",
        "plucked": "leaping {}", "synth": "bubbly {}", "voice": "wordless playful {}", "texture": "glitchy {}", "other": "playful {}",
    },
    "neutral": {
        "keys": "mellow {}", "guitar": "clean {}", "strummed": "relaxed {}", "bass": "round {}", "drums": "laid-back {}",
        "percussion": "light {}", "strings": "smooth {}", "brass": "soft {}", "winds": "airy {}", "mallets": "soft {}",
        "plucked": "clear {}", "synth": "silky {}", "voice": "wordless soft {}", "texture": "subtle {}", "other": "gentle {}",
    },
}  # fmt: skip

# A genre's usual adjectives, and what they become in a calm or an angry mood, word by word.
CALMED = dict(
    pair.split(">") for pair in
    ["punchy>soft", "driving>unhurried", "heavy>muted", "pounding>gentle", "distorted>lightly overdriven", "crisp>soft", "bright>mellow", "fast>slow", "booming>deep", "rattling>light", "slamming>soft", "snappy>soft", "live>brushed", "buzzing>quiet", "fuzzy>hazy", "screeching>distant", "thundering>distant", "lively>gentle", "double-kick>slow tom-heavy", "runs>phrases", "riffs>phrases", "stabs>swells", "supersaw>soft synth", "wobbling>rounded", "blown-out>soft", "quick>slow"]
)  # fmt: skip
FIRED = dict(
    pair.split(">") for pair in
    ["soft>tight", "brushed>hard-hit", "laid-back>driving", "mellow>gritty", "gentle>forceful", "warm>overdriven", "light>hard", "airy>harsh", "silky>searing", "muted>choppy", "lush>dark", "slow>churning", "relaxed>pushing", "dusty>crushed", "felt>hammered", "clean>crunchy", "round>growling", "smooth>edgy"]
)  # fmt: skip
MANNERS: dict[EmotionLabel, dict[str, str]] = {"sad": CALMED, "angry": FIRED}


def core_words(label: EmotionLabel) -> tuple[str, ...]:
    """Give the adjectives of which every song of the mood has at least one."""
    return (*MOODS[label].words, *MOODS[label].tints)
