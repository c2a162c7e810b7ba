"""The genres we know by name: tempo, feel, instruments and mix words of each, in English and Chinese names.

`brief.genre_choice` explores them, `brief.rules` applies one to a brief, the sketch engine plays like one, menus and
autocomplete list them: a row is all that a genre needs (docs/adding-a-genre.md).
"""

# ruff: noqa: E501  (tables: one entry a line reads better than folded ones)
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.sanitize import clean_words, flatten


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre with the words that a prompt uses for it."""

    name: str
    bpm: tuple[int, int]  # BPM of most of its records
    feel: str  # adjectives for a neutral mood
    instruments: tuple[str, ...]  # three or four that make it recognisable
    mix: tuple[str, ...]
    aliases: tuple[str, ...]  # other spellings and names, lower case
    plays_like: str = ""  # a style of the sketch engine, where it would read none or a wrong one from the name


def _g(
    name: str, low: int, high: int, feel: str, instruments: str, mix: str, aliases: str = "", *, plays_like: str = ""
) -> Genre:
    return Genre(name, (low, high), feel, _split(instruments), _split(mix), _split(aliases), plays_like)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


# fmt: off
GENRES: tuple[Genre, ...] = (
    _g("lofi", 65, 90, "dusty, mellow", "dusty Rhodes chords, muted jazz guitar, soft boom-bap drums, round bass",
       "tape-worn, rolled-off highs", "lo-fi, lo fi, lofi hip hop, lofi hip-hop, lo-fi hip hop, chillhop, lofi beats, 低保真"),
    _g("jazz", 80, 160, "smoky, relaxed", "upright bass, brushed drums, piano voicings, tenor saxophone lines",
       "warm room sound, natural dynamics", "jazz music, 爵士, 爵士乐, 爵士樂"),
    _g("smooth jazz", 80, 110, "silky, late-night", "soprano saxophone melody, electric piano, fretless bass, soft drum kit",
       "polished, smooth highs", "柔和爵士"),
    _g("bebop", 160, 240, "quick-witted, nimble", "alto saxophone runs, walking upright bass, ride cymbal swing, piano comping",
       "dry, live room", "bop, hard bop"),
    _g("swing", 120, 180, "swinging, dapper", "horn section riffs, walking bass, swing drums, clarinet lead",
       "vintage warmth, roomy", "big band, swing jazz, electro swing, 摇摆乐, 大乐队"),
    _g("bossa nova", 110, 140, "breezy, intimate", "nylon guitar comping, soft shaker, upright bass, airy flute",
       "close, airy, gentle", "bossa, bossanova, 波萨诺瓦, 巴萨诺瓦"),
    _g("samba", 95, 120, "sunny, rolling", "cavaquinho strums, surdo pulse, pandeiro, nylon guitar", "open, lively", "桑巴"),
    _g("blues", 60, 120, "soulful, weathered", "slide guitar licks, shuffle drums, Hammond organ, walking bass",
       "warm tube saturation, roomy", "blues music, the blues, delta blues, 布鲁斯, 蓝调"),
    _g("soul", 70, 115, "heartfelt, warm", "Hammond organ, clean electric guitar, horn section, pocket drums",
       "warm, vintage tape", "neo soul, neo-soul, neosoul, motown, 灵魂乐"),
    _g("R&B", 60, 105, "smooth, intimate", "warm Rhodes chords, clean electric guitar licks, deep sub-bass, laid-back swing drums",
       "intimate, gentle tape saturation, tight low end",
       "rnb, r and b, r & b, rhythm and blues, rhythm & blues, contemporary r&b, contemporary rnb, 节奏布鲁斯, 节奏蓝调"),
    _g("Mandopop", 70, 125, "glossy, tender", "piano chords, clean electric guitar, silky strings, crisp drums",
       "glossy, wide stereo", "mando-pop, c-pop, cpop, chinese pop, mandarin pop, 华语, 华语流行, 国语流行, 中文流行"),
    _g("Cantopop", 70, 125, "nostalgic, polished", "piano chords, warm strings, clean guitar arpeggios, soft rock drums",
       "glossy, smooth highs", "canto-pop, hong kong pop, 粤语流行, 粤语, 粤语歌"),
    _g("K-pop", 95, 135, "sleek, catchy", "bright synth hooks, punchy drums, synth bass, plucky arps",
       "glossy, loud, wide stereo", "kpop, k pop, korean pop, 韩流, 韩国流行"),
    _g("J-pop", 110, 170, "bright, melodic", "bright piano, clean electric guitars, lively bass, crisp drums",
       "clear, energetic mids", "jpop, j pop, japanese pop, anime, anisong, 日系, 日本流行, 动漫"),
    _g("city pop", 95, 125, "breezy, nostalgic", "chorused electric guitar, slap bass, bright electric piano, tight disco drums",
       "glossy 80s sheen, wide stereo", "citypop, city-pop, japanese city pop, 城市流行, 都市流行"),
    _g("pop", 90, 130, "catchy, polished", "bright piano chords, clean electric guitar, warm bass, crisp drums",
       "polished, wide stereo", "pop music, 流行, 流行乐, 流行音乐"),
    _g("indie pop", 95, 130, "dreamy, easy-going", "jangly guitars, warm bass, vintage synth, tambourine",
       "warm, slightly lo-fi", "indie, indie music, bedroom pop, 独立流行, 独立音乐"),
    _g("dream pop", 75, 115, "hazy, floating", "shimmering guitars, lush synth pads, soft drums, melodic bass",
       "washed reverb, soft focus", "dreampop, shoegaze, 梦幻流行, 自赏"),
    _g("synth-pop", 100, 130, "sleek, bittersweet", "analog synth lead, gated drums, synth bass, glassy pads",
       "crisp, retro sheen", "synthpop, synth pop, electropop, electro pop, 合成器流行"),
    _g("synthwave", 80, 118, "neon-lit, nostalgic", "analog synth arpeggios, gated snare drums, pulsing synth bass, soaring synth lead",
       "retro sheen, wide chorus", "retrowave, outrun, vaporwave, 合成器浪潮, 蒸汽波"),
    _g("rock", 100, 150, "earthy, confident", "electric guitar riffs, driving bass, live drum kit, Hammond organ",
       "punchy, live room", "rock music, rock and roll, rock & roll, rock n roll, rock'n'roll, classic rock, 摇滚, 搖滾, 摇滚乐"),
    _g("indie rock", 100, 145, "restless, open", "jangly electric guitars, driving bass, loose live drums, warm organ",
       "raw, open room", "alternative, alternative rock, alt rock, alt-rock, britpop, 独立摇滚, 另类摇滚"),
    _g("post-rock", 70, 130, "slow-burning, vast", "tremolo guitars, tom-heavy drums, deep bass, glockenspiel",
       "vast reverb, rising dynamics", "post rock, postrock, math rock, 后摇, 后摇滚"),
    _g("punk rock", 150, 200, "restless, raw", "buzzing power chords, fast eighth-note bass, pounding drums, gritty lead guitar",
       "raw, loud mids", "punk, pop punk, pop-punk, hardcore punk, 朋克, 流行朋克"),
    _g("grunge", 90, 130, "sullen, raw", "fuzzy electric guitars, growling bass, heavy live drums, clean verse guitar",
       "raw, thick mids", "grunge rock, 油渍摇滚"),
    _g("progressive rock", 80, 150, "intricate, searching", "odd-metre guitar riffs, Hammond organ, melodic bass, intricate drums",
       "wide, detailed", "prog, prog rock, psychedelic rock, psychedelic, 前卫摇滚, 迷幻摇滚"),
    _g("metal", 120, 180, "heavy, focused", "distorted rhythm guitars, tight bass, double-kick drums, harmonised lead guitar",
       "tight, bright presence, scooped mids", "heavy metal, thrash metal, thrash, death metal, black metal, metalcore, 金属, 重金属, 金屬"),
    _g("nu metal", 90, 120, "tense, brooding", "downtuned guitars, slap-edged bass, syncopated drums, turntable scratches",
       "thick, punchy", "nu-metal, rap metal, industrial metal, 新金属"),
    _g("folk", 80, 125, "earthy, honest", "fingerpicked acoustic guitar, fiddle, upright bass, light hand percussion",
       "close, natural, woody", "folk music, acoustic folk, indie folk, folk rock, singer-songwriter, 民谣, 民謠"),
    _g("acoustic", 75, 120, "simple, open", "acoustic guitar, soft piano, upright bass, cajon", "close, natural", "unplugged, acoustic pop, 原声, 不插电"),
    _g("country", 85, 130, "easy-going, sunny", "acoustic guitar strums, pedal steel guitar, brushed train-beat drums, fiddle",
       "warm, clear", "country music, americana, alt-country, 乡村, 乡村音乐"),
    _g("bluegrass", 100, 160, "nimble, rustic", "rolling banjo, flatpicked guitar, mandolin chops, fiddle",
       "dry, woody", "blue grass, 蓝草"),
    _g("celtic", 85, 130, "windswept, graceful", "tin whistle, fiddle, bodhran, Celtic harp", "airy, natural", "irish, irish folk, celtic folk, 凯尔特"),
    _g("classical", 60, 130, "elegant, clear", "string quartet, concert piano, oboe solo, French horn",
       "concert-hall ambience, natural dynamics", "classical music, baroque, orchestral classical, 古典, 古典乐, 古典音乐"),
    _g("neoclassical", 55, 100, "delicate, reflective", "felt piano, solo cello, soft string ensemble, celesta",
       "close, breathing, intimate", "modern classical, contemporary classical, neo-classical, piano solo, 新古典"),
    _g("cinematic", 60, 130, "sweeping, patient", "orchestral strings, French horns, low piano, deep percussion",
       "wide, deep lows", "film score, soundtrack, ost, epic, orchestral, score, 电影配乐, 影视配乐, 配乐, 史诗, 原声带"),
    _g("ambient", 50, 90, "weightless, still", "slow evolving pads, distant piano, soft drones, airy textures",
       "vast reverb, soft highs", "ambient music, drone, meditation, 氛围, 氛围音乐, 环境音乐"),
    _g("new age", 55, 95, "serene, luminous", "soft synth pads, bamboo flute, harp, gentle chimes", "spacious, smooth", "newage, healing, spa, 新世纪, 疗愈"),
    _g("electronic", 100, 130, "sleek, pulsing", "analog synth chords, synth bass, crisp drum machine, plucky arps",
       "clean, wide stereo", "electronic music, electronica, electro, idm, 电子, 電子, 电子乐, 电子音乐"),
    _g("EDM", 120, 130, "bright, driving", "supersaw synths, plucky arps, punchy kick, snappy claps",
       "bright, loud, sidechain pump", "dance, dance music, festival edm, big room, electro house, 电音, 舞曲"),
    _g("house", 118, 128, "steady, groovy", "four-on-the-floor kick, piano chord stabs, deep synth bass, crisp hats",
       "round low end, club-ready", "house music, tech house, progressive house, 浩室"),
    _g("deep house", 116, 124, "deep, nocturnal", "muted chord stabs, rounded sub-bass, soft four-on-the-floor kick, shuffled hats",
       "deep, smooth, spacious", "deephouse, tropical house, organic house, 深浩室"),
    _g("techno", 122, 140, "hypnotic, steely", "pounding kick drum, acid synth line, metallic hats, rumbling bass",
       "dry, tight, hypnotic", "minimal techno, acid techno, hard techno, acid, 科技舞曲, 铁克诺"),
    _g("trance", 128, 142, "soaring, hypnotic", "gated supersaw synths, rolling bass, plucked arpeggios, driving kick",
       "wide, shimmering delays", "psytrance, uplifting trance, vocal trance, 迷幻舞曲, 出神"),
    _g("drum and bass", 160, 180, "rolling, nimble", "fast breakbeat drums, deep reese bass, liquid synth pads, chopped keys",
       "tight low end, crisp highs", "drum & bass, drum n bass, drum'n'bass, dnb, d&b, d'n'b, liquid dnb, liquid drum and bass, 鼓打贝斯"),
    _g("jungle", 155, 175, "frantic, dubby", "chopped breakbeats, dub bass, ragga stabs, airy pads", "gritty, deep lows", "jungle music, breakcore"),
    _g("dubstep", 135, 145, "heavy, half-time", "wobbling bass, half-time drums, dark synth stabs, deep sub-bass",
       "massive low end, sharp transients", "brostep, riddim, 回响贝斯"),
    _g("UK garage", 126, 136, "shuffling, sleek", "shuffled two-step drums, warbling sub-bass, chopped organ stabs, airy pads",
       "crisp, swung, deep lows", "garage, 2-step, two step, ukg, grime"),
    _g("future bass", 130, 160, "shimmering, lush", "swelling supersaw chords, deep sub-bass, snappy trap drums, plucky bells",
       "wide, glossy, sidechained", "futurebass, melodic dubstep, 未来贝斯"),
    _g("breakbeat", 100, 138, "loose, funky", "chopped breakbeats, acid bass, filtered synth stabs, turntable scratches", "gritty, punchy", "big beat, breaks, 碎拍"),
    _g("trip-hop", 70, 100, "smoky, nocturnal", "slow breakbeat drums, deep upright bass, dusty strings, muted trumpet",
       "dark, grainy, spacious", "trip hop, triphop, downtempo, chillout, chill, chill out, chillwave, 驰放, 弛放"),
    _g("industrial", 95, 130, "cold, mechanical", "metallic percussion, distorted synths, gritty bass, machine drums",
       "cold, saturated edges, controlled low end", "ebm, industrial rock, darkwave, 工业, 工业音乐"),
    _g("hip-hop", 80, 100, "laid-back, head-nodding", "boom-bap drums, deep bass, sampled piano loop, muted horn stabs",
       "warm, punchy, vinyl grain", "hip hop, hiphop, rap, boom bap, boom-bap, old school hip hop, 嘻哈, 说唱, 饶舌, 說唱"),
    _g("trap", 130, 150, "dark, spacious", "booming 808 bass, rattling hats, snappy snare, eerie bell melody",
       "deep lows, crisp highs", "trap music, drill, cloud rap, phonk, 陷阱"),
    _g("funk", 95, 118, "tight, greasy", "slap bass, wah guitar, clavinet, tight syncopated drums",
       "dry, punchy, tight", "funky, p-funk, jazz funk, jazz-funk, 放克, 疯克"),
    _g("disco", 110, 126, "glittering, danceable", "octave bass, wah guitar scratches, disco strings, four-on-the-floor drums",
       "bright, wide, vintage sheen", "nu disco, nu-disco, italo disco, 迪斯科, 迪斯可"),
    _g("gospel", 70, 120, "uplifting, warm", "Hammond organ, gospel piano, warm bass, pocket drums with claps", "warm, roomy", "worship, 福音"),
    _g("reggae", 65, 90, "easy, sun-warmed", "offbeat guitar skank, deep dub bass, one-drop drums, bubbling organ",
       "warm, deep lows, spring reverb", "roots reggae, ska, rocksteady, 雷鬼"),
    _g("dub", 60, 85, "deep, echoing", "heavy dub bass, one-drop drums, echoing guitar chops, melodica", "tape echo, deep lows", "dub reggae"),
    _g("dancehall", 88, 108, "bouncy, warm", "dembow drums, plucky synth marimba, deep sub-bass, offbeat stabs", "crisp, bouncy", "tropical, soca"),
    _g("reggaeton", 86, 100, "sultry, bouncing", "dembow drums, deep sub-bass, plucked nylon guitar, dark synth stabs",
       "punchy, deep lows", "latin trap, urbano, perreo, 雷鬼动"),
    _g("latin", 90, 125, "warm, lively", "nylon guitar, congas, bright trumpets, montuno piano", "warm, lively room", "latin music, latin pop, cumbia, bachata, 拉丁, 拉丁音乐"),
    _g("salsa", 150, 200, "fiery, lively", "montuno piano, congas, timbales, bright horn section", "bright, live room", "son cubano, mambo, merengue, 萨尔萨"),
    _g("tango", 60, 130, "dramatic, poised", "bandoneon, staccato violins, upright bass, piano accents", "close, dramatic dynamics", "tango nuevo, 探戈"),
    _g("flamenco", 80, 130, "passionate, taut", "flamenco guitar, cajon, palmas claps, low strings", "dry, close, vivid", "flamenco guitar, rumba, 弗拉门戈"),
    _g("afrobeat", 95, 125, "rolling, communal", "interlocking guitars, talking drum, funky bass, horn section riffs", "warm, hypnotic", "afro beat, afrofunk, highlife, 非洲"),
    _g("afrobeats", 98, 118, "sunny, easy", "syncopated log drums, plucked guitar, soft synth pads, shakers", "smooth, bouncy", "afropop, amapiano, afro pop, 非洲节拍"),
    _g("Chinese traditional", 60, 110, "serene, flowing", "guzheng melody, erhu, bamboo dizi flute, soft pipa",
       "spacious, natural", "traditional chinese, chinese folk, guofeng, gufeng, china-chic, 国风, 古风, 中国风, 民乐, 国乐, 传统"),
    _g("Japanese traditional", 55, 100, "austere, calm", "koto, shakuhachi, shamisen, taiko", "spacious, natural", "traditional japanese, enka, 和风, 演歌"),
    _g("Indian classical", 60, 130, "meditative, ornamented", "sitar, tabla, tanpura drone, bansuri", "resonant, warm", "raga, hindustani, bollywood, indian, 印度"),
    _g("world", 80, 120, "earthy, colourful", "hand percussion, kalimba, wooden flute, oud", "organic, open", "world music, ethnic, 世界音乐"),
    _g("chiptune", 110, 160, "playful, pixelated", "square-wave lead, 8-bit arpeggios, triangle bass, noise-channel drums",
       "crisp, dry, retro", "8-bit, 8bit, 8 bit, video game, game music, vgm, chip tune, 芯片音乐, 8位, 游戏音乐"),
    _g("hyperpop", 130, 170, "glossy, hyperactive", "pitched synth leads, blown-out bass, glitchy drums, sparkling bells", "loud, glossy, clipped", "hyper pop, glitch, glitchcore, pc music"),
    _g("hardstyle", 145, 160, "thundering, euphoric", "distorted kick drum, screeching synth lead, reverse bass, supersaw synths",
       "loud, hard-edged", "hardcore, happy hardcore, gabber, nightcore, 硬派"),
    _g("piano ballad", 60, 85, "tender, open", "expressive piano, soft strings, warm bass, brushed drums", "intimate, smooth highs", "ballad, ballads, slow ballad, power ballad, 抒情, 慢歌, 情歌"),
    _g("lounge", 85, 115, "suave, unhurried", "vibraphone, brushed drums, upright bass, electric piano", "soft, vintage warmth", "easy listening, exotica, cafe, coffeehouse, 沙发音乐, 轻音乐"),
    _g("marching band", 100, 130, "proud, brisk", "snare drum cadence, trumpets, trombones, piccolo", "open-air, bright", "march, brass band, 进行曲"),
    _g("waltz", 84, 180, "graceful, turning", "lilting strings, piano in three, clarinet, accordion", "airy, natural", "viennese waltz, musette, 圆舞曲, 华尔兹"),
    _g("children's music", 90, 130, "innocent, bouncy", "ukulele strums, glockenspiel, toy piano, hand claps", "bright, clear", "kids, kids music, nursery, lullaby, 儿歌, 童谣"),
)
# fmt: on


def genre_named(name: str) -> Genre | None:
    """Find the genre with exactly this name or alias, whatever its case and hyphens."""
    return _by_name().get(_key(name))


def find_genre(text: str) -> Genre | None:
    """Find the genre that a phrase names, by the longest name that stands there as whole words.

    "melancholic lofi piano" is lofi. Chinese names are found inside longer ones: 华语流行 before 流行.
    """
    found = genre_named(text)
    if found is not None:
        return found
    key = f" {_key(text)} "
    names = [name for name in _by_name() if (f" {name} " in key if name.isascii() else name in key)]
    return _by_name()[max(names, key=len)] if names else None


def genre_word(text: str) -> str:
    """Give the word for a listener's genre, in prompts and for counting votes; "" for what is no genre.

    A known genre gets our name, an unknown one its own words, cleaned.
    """
    named = genre_named(text)
    if named is not None:
        return named.name
    cleaned = clean_words(text)
    if not text.isascii() and not cleaned:
        chinese = _chinese_in(text)
        return chinese.name if chinese else ""
    return cleaned


def _chinese_in(text: str) -> Genre | None:
    """Find the genre whose Chinese name stands in a short Chinese text."""
    line = flatten(text).replace(" ", "")
    if len(line) > 8 or re.search(r"[a-zA-Z0-9]", line):
        return None
    return find_genre(line)


def _key(text: str) -> str:
    return re.sub(r"[\s\-_/.]+", " ", flatten(text[:200]).lower()).strip()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Genre]:
    return {_key(name): genre for genre in GENRES for name in (genre.name, *genre.aliases)}


def names_of(genre: Genre) -> tuple[str, ...]:
    """List the English spellings that mean this genre and no other."""
    return (genre.name, *(alias for alias in genre.aliases if alias.isascii()))
