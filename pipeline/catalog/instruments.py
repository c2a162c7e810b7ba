"""Names of instruments: their families, and the English word for Chinese and informal names.

A mood plays each family in its own manner (`mood_palettes.TOUCH`).
"""

# ruff: noqa: E501  (tables: one entry a line reads better than folded ones)
from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from pipeline.sanitize import clean_words, flatten

Family = Literal[
    "keys", "guitar", "strummed", "bass", "drums", "percussion", "strings", "brass", "winds", "mallets",
    "plucked", "synth", "voice", "texture", "other",
]  # fmt: skip

# The English names of each family; the longest is looked up first, as whole words in a phrase.
_FAMILIES: dict[Family, str] = {
    "keys": "piano, rhodes, electric piano, organ, hammond, harpsichord, clavinet, celesta, accordion, bandoneon, keys,"
    " keyboard, toy piano, melodica, mellotron, wurlitzer",
    "strummed": "acoustic guitar, nylon guitar, ukulele, banjo, mandolin, cavaquinho, classical guitar, spanish guitar,"
    " flamenco guitar, balalaika",
    "guitar": "guitar, electric guitar, slide guitar, pedal steel, power chords, riffs",
    "bass": "bass, sub-bass, double bass, upright bass, bass guitar, synth bass, 808, contrabass, reese bass",
    "drums": "drums, drum, kick, snare, hats, hi-hat, toms, cymbals, breakbeat, breakbeats, drum machine, drum kit, taiko,"
    " timpani, beats, kick drum, drum set",
    "percussion": "percussion, conga, congas, bongo, bongos, djembe, tabla, cajon, shaker, tambourine, claps, surdo,"
    " pandeiro, timbales, bodhran, triangle, castanets, woodblock, cowbell, maracas",
    "strings": "strings, violin, violins, viola, cello, fiddle, orchestra, string quartet, erhu, morin khuur, string ensemble",
    "brass": "brass, trumpet, trumpets, trombone, trombones, horn, horns, french horn, tuba, flugelhorn, suona",
    "winds": "flute, clarinet, oboe, bassoon, saxophone, sax, recorder, harmonica, bagpipes, dizi, xiao, shakuhachi, pan flute,"
    " whistle, tin whistle, piccolo, bansuri, ocarina, woodwinds, duduk, hulusi, sheng, didgeridoo",
    "mallets": "marimba, xylophone, vibraphone, glockenspiel, bells, chimes, music box, kalimba, steel drums, steel pan, handpan,"
    " tubular bells, gamelan, yangqin",
    "plucked": "harp, guzheng, guqin, pipa, koto, shamisen, sitar, oud, lute, ruan, zither, pizzicato",
    "synth": "synth, synths, synthesizer, synthesiser, synth pads, synth lead, pads, pad, arps, arpeggios, lead, supersaw,"
    " theremin, keytar, vocoder, moog",
    "voice": "vocals, vocal, voice, voices, singing, singer, choir, humming, rap",
    "texture": "vinyl crackle, vinyl hiss, rain, field recordings, drones, textures, turntables, scratches, noise, ambience",
}
_CHINESE: dict[str, str] = {
    "钢琴": "piano", "鋼琴": "piano", "电钢琴": "electric piano", "键盘": "keyboard", "风琴": "organ",
    "管风琴": "organ", "手风琴": "accordion", "羽管键琴": "harpsichord", "钢片琴": "celesta",
    "吉他": "guitar", "木吉他": "acoustic guitar", "民谣吉他": "acoustic guitar", "古典吉他": "classical guitar",
    "电吉他": "electric guitar", "電吉他": "electric guitar", "尤克里里": "ukulele", "班卓琴": "banjo", "曼陀林": "mandolin",
    "贝斯": "bass", "贝司": "bass", "低音": "bass", "低音提琴": "double bass", "重低音": "sub-bass",
    "鼓": "drums", "架子鼓": "drums", "爵士鼓": "drums", "鼓点": "drums", "鼓声": "drums", "鼓机": "drum machine", "手鼓": "djembe",
    "打击乐": "percussion", "打擊樂": "percussion", "非洲鼓": "djembe", "太鼓": "taiko", "定音鼓": "timpani", "沙锤": "shaker",
    "铃鼓": "tambourine", "拍手": "claps", "镲": "cymbals", "军鼓": "snare", "底鼓": "kick",
    "弦乐": "strings", "弦樂": "strings", "小提琴": "violin", "中提琴": "viola", "大提琴": "cello", "二胡": "erhu", "马头琴": "morin khuur",
    "管弦乐": "orchestra", "交响乐": "orchestra", "铜管": "brass", "小号": "trumpet", "长号": "trombone", "圆号": "french horn",
    "大号": "tuba", "唢呐": "suona", "萨克斯": "saxophone", "萨克斯风": "saxophone", "薩克斯": "saxophone",
    "长笛": "flute", "笛子": "dizi", "竹笛": "dizi", "箫": "xiao", "尺八": "shakuhachi", "单簧管": "clarinet",
    "双簧管": "oboe", "巴松": "bassoon", "口琴": "harmonica", "竖笛": "recorder", "风笛": "bagpipes", "葫芦丝": "hulusi", "笙": "sheng",
    "木琴": "xylophone", "马林巴": "marimba", "颤音琴": "vibraphone", "钟琴": "glockenspiel", "铃": "bells", "钟": "bells",
    "八音盒": "music box", "拇指琴": "kalimba", "卡林巴": "kalimba", "扬琴": "yangqin", "手碟": "handpan", "钢鼓": "steel drums",
    "竖琴": "harp", "古筝": "guzheng", "古箏": "guzheng", "古琴": "guqin", "琵琶": "pipa", "阮": "ruan", "三味线": "shamisen",
    "西塔琴": "sitar", "合成器": "synthesizer", "电子音": "synth", "铺底": "synth pads",
    "人声": "vocals", "人聲": "vocals", "唱歌": "vocals", "歌声": "vocals", "演唱": "vocals", "歌词": "lyrics", "合唱": "choir", "说唱": "rap",
    "黑胶": "vinyl crackle", "雨声": "rain", "噪音": "noise", "失真": "distortion", "电音": "edm",
}  # fmt: skip


def instrument_word(text: str) -> str:
    """Give a listener's instrument in plain English words; "" for what is no instrument."""
    english = from_chinese(text)
    return english or clean_words(text)


def from_chinese(text: str) -> str:
    """Give the English name of a short Chinese one, by the longest name in it (抒情钢琴 is a piano); "" if none."""
    line = flatten(text[:40]).replace(" ", "")
    names = [name for name in _CHINESE if name in line]
    if not names or len(line) > 8 or re.search(r"[a-zA-Z0-9]", line):
        return ""
    return _CHINESE[max(names, key=len)]


def mentioned_instruments(text: str) -> list[str]:
    """List the known instruments that a sentence names, the longest name first: "anything with a French horn in it"."""
    line = re.sub(r"[\s\-]+", " ", text.lower())
    found = []
    for name, _ in sorted(_by_length(), key=lambda entry: -len(entry[0])):
        line, hits = re.subn(rf"\b{re.escape(name)}\b", " ", line)
        if hits:
            found.append(name)
    return found


@lru_cache(maxsize=1024)
def family_of(phrase: str) -> Family:
    """Give the family of the instrument that a phrase names; its last and longest known name decides."""
    line = re.sub(r"[\s\-]+", " ", phrase.lower())
    best: tuple[int, int, Family] = (-1, 0, "other")
    for name, family in _by_length():
        for hit in re.finditer(rf"\b{re.escape(name)}(?:s|es)?\b", line):
            best = max(best, (hit.end(), len(name), family), key=lambda found: found[:2])
    return best[2]


def known_instruments() -> tuple[str, ...]:
    """The English names to offer while a listener types, in alphabetical order, without repeats."""
    hidden = {
        "drum",
        "pad",
        "lead",
        "arps",
        "riffs",
        "synths",
        "vocal",
        "voices",
        "sax",
        "trumpets",
        "trombones",
        "horns",
        "violins",
    }
    return tuple(
        sorted(
            {
                name
                for family, names in _FAMILIES.items()
                for name in _names(names)
                if name not in hidden and family != "voice"
            }
        )
    )


def _names(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


@lru_cache(maxsize=1)
def _by_length() -> tuple[tuple[str, Family], ...]:
    return tuple((name.replace("-", " "), family) for family, names in _FAMILIES.items() for name in _names(names))
