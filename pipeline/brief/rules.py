"""The rules that hold for every song: `mood_rules` for a draft, `apply_rules` for the final plan.

Both a language model's words and a listener's texts are checked here; neither is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.brief.arrangement import add_favourites, apply_genre, fallback_instruments
from pipeline.brief.avoidance import Avoidance, avoidance, speaks_of
from pipeline.brief.genre_choice import Choice, choose_genre, favourite_genres, favourite_instruments
from pipeline.brief.prompt import positive_part, render_prompt
from pipeline.brief.sections import MOST, fit_sections
from pipeline.brief.tempo import feel, move_into, wished_range
from pipeline.catalog.genres import GENRES, find_genre
from pipeline.catalog.instruments import known_instruments
from pipeline.catalog.mood_palettes import MOODS, MoodSound, core_words
from pipeline.sanitize import LONGEST_NAME_READ, clean_phrase, is_command, is_order, tokens, unique
from pipeline.seeded_random import rng_for
from pipeline.values import Brief, EmotionLabel, Plan, RenderParams, Section, Taste

MOST_INSTRUMENTS, MOST_MIX, MOST_OWN_AVOID = 6, 7, 6
RECENT_SONGS = 20  # no song has the same genre, key and style as one of these
_KEY = re.compile(r"([A-Ga-g])\s*(#|b|♯|♭|-?sharp|-?flat)?\s*[- ]?\s*([a-z]*)", re.IGNORECASE)
_MODES = {
    "": "major", "major": "major", "maj": "major", "lydian": "major", "mixolydian": "major",
    "ionian": "major", "m": "minor", "min": "minor", "minor": "minor", "dorian": "minor",
    "phrygian": "minor", "aeolian": "minor", "locrian": "minor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What the rules of one song need: mood, seed, avoided and injected words."""

    label: EmotionLabel
    seed: int
    avoid: Avoidance
    injected_words: frozenset[str]  # words that can only come from a listener's attempt to give orders

    @property
    def sound(self) -> MoodSound:
        return MOODS[self.label]

    def clean(self, text: str, max_chars: int) -> str:
        """Give what of a phrase may stand in the prompt; "" if nothing may."""
        phrase = clean_phrase(text, max_chars=max_chars)
        return "" if self.injected_words & set(tokens(phrase)) else phrase

    def allowed(self, phrases: Iterable[str]) -> tuple[str, ...]:
        return tuple(phrase for phrase in phrases if phrase and not self.avoid.hits(phrase))

    def choose(self, phrases: Sequence[str], purpose: str) -> str:
        """Choose one of our own phrases that is not avoided; "" when all are."""
        allowed = self.allowed(phrases)
        return rng_for(self.seed, purpose).choice(allowed) if allowed else ""


def mood_rules(brief: Brief, *, mood: EmotionLabel, duration_s: float, seed: int) -> Brief:
    """Hold a draft to its mood, its time line and plain words; no taste is applied yet."""
    rules = RuleContext(mood, seed, avoidance(()), frozenset())
    return _apply(brief, rules, Taste(), None, duration_s)


def apply_rules(
    proposal: Brief, taste: Taste, *, mood: EmotionLabel, params: RenderParams, choice: Choice | None = None
) -> Plan:
    """Make the listener's plan: apply every rule to a proposed brief and write the prompt.

    Pure: the same inputs and params.seed give the same plan. choice is drawn from the taste unless given.
    """
    rules = RuleContext(mood, params.seed, avoidance(taste.negative_prompts), _injected_words(taste))
    choice = choice or choose_genre(taste, mood=mood, style=proposal.style, seed=params.seed, avoid=rules.avoid)
    brief = _apply(proposal, rules, taste, choice, params.duration_s)
    brief = _unrepeated(brief, taste, rules)
    return Plan(brief, render_prompt(brief), params, mood, choice.genre, choice.reason)


def _apply(brief: Brief, rules: RuleContext, taste: Taste, choice: Choice | None, duration_s: float) -> Brief:
    wished = wished_range(taste.bpm_min, taste.bpm_max)
    if choice is not None:
        brief = apply_genre(brief, choice, label=rules.label, seed=rules.seed, free_tempo=wished is None)
    own_bpm = move_into(brief.bpm, rules.sound.core_tempo)
    bpm = move_into(own_bpm, wished) if wished else own_bpm
    favourites = favourite_instruments(taste, rules.avoid)
    genres = favourite_genres(taste, rules.avoid)
    style = _style(brief.style, choice, genres, rules)
    kept = Brief(
        style=style,
        mood=_mood_words(brief.mood, style, rules),
        bpm=bpm,
        key=_key(brief.key, rules),
        instruments=_instruments(brief.instruments, favourites, rules),
        sections=_sections(brief.sections, duration_s, feel(own_bpm, bpm), rules),
        mix=_mix(brief.mix, rules),
        avoid=(),
        description=_description(brief.description, rules),
    )
    wanted = (*favourites, *genres, *((choice.genre,) if choice else ()))
    return replace(kept, avoid=_avoid(brief.avoid, kept, wanted, rules))


def _style(proposed: str, choice: Choice | None, favourites: tuple[str, ...], rules: RuleContext) -> str:
    """Keep a style that names this genre and no other, else name the genre with an adjective of the mood."""
    style = _without_contrary(rules.avoid.strike(rules.clean(proposed, 60)), rules, keep=choice.words if choice else "")
    if choice is None:
        return style or rules.choose(rules.sound.tints, "tint") or "instrumental"
    named = find_genre(style)
    fits = (named is not None and named.name == choice.genre) or speaks_of(style, choice.genre)
    if fits and not rules.avoid.hits(style) and (not favourites or any(_names(style, name) for name in favourites)):
        return style
    tint = rules.choose(rules.sound.tints, "tint")
    words = " ".join(word for word in tint.split() if not speaks_of(choice.words, word))
    return f"{words} {rules.avoid.strike(choice.words) or 'instrumental'}".strip()


def _names(style: str, genre: str) -> bool:
    """Whether a style names the genre by the listener's own word for it."""
    return speaks_of(style, genre)


def _mood_words(proposed: str, style: str, rules: RuleContext) -> str:
    """Keep up to three proposed adjectives that neither contradict the mood nor repeat the style.

    At least one is the mood's own; an angry song always has "driving".
    """
    taken = _contrary(rules) | set(tokens(style))
    said = (rules.clean(word, 24) for word in (() if is_order(proposed) else proposed.split(",")))
    kept = [word for word in unique(rules.allowed(said)) if not taken & set(tokens(word))]
    own = {word for phrase in core_words(rules.label) for word in tokens(phrase)}
    if rules.label == "angry" and "driving" not in (*kept, *tokens(style)):
        lent = [word for word in kept if not own & set(tokens(word))]  # a second mood or an unsure reading adds these
        kept = [*rules.allowed(["driving"]), *(lent or kept[:1])]
    if not own & set(tokens(" ".join(kept))):
        fresh = [word for word in rules.sound.words if not taken & set(tokens(word))]
        kept = [*filter(None, [rules.choose(fresh, "word")]), *kept]
    return ", ".join(sorted(kept[:3], key=lambda word: word[0].lower() in "aeiou"))


def _key(proposed: str | None, rules: RuleContext) -> str | None:
    """Read a key ("Am" is "A minor") and give it the mood's mode; None for what is no key."""
    match = _KEY.fullmatch((proposed or "").strip().split("(")[0].strip())
    if match is None:
        return None
    note, sign, mode = match.group(1), (match.group(2) or "").lower(), match.group(3)
    read = "minor" if mode == "m" else _MODES.get(mode.lower())
    if read is None:
        return None
    sharp = {"#": "#", "♯": "#", "b": "b", "♭": "b"}.get(
        sign, "#" if "sharp" in sign else "b" if "flat" in sign else ""
    )
    key = f"{note.upper()}{sharp} {rules.sound.mode or read}"
    return None if rules.avoid.hits(key) else key


def _instruments(proposed: Iterable[str], favourites: tuple[str, ...], rules: RuleContext) -> tuple[str, ...]:
    """Keep the proposed instruments that are not avoided, add a favourite, and fill up to three where possible."""
    kept = unique(rules.allowed(rules.clean(name, 60) for name in proposed))[:MOST_INSTRUMENTS]
    kept = add_favourites(
        kept, favourites, label=rules.label, seed=rules.seed, most=MOST_INSTRUMENTS, avoid=rules.avoid
    )
    missing = max(0, 3 - len(kept))
    others = (name for name in rules.allowed(fallback_instruments(rules.label, rules.seed)) if name not in kept)
    kept = (*kept, *(name for name, _ in zip(others, range(missing), strict=False)))
    return kept or ("quiet tones",)


def _sections(
    proposed: Sequence[Section], duration_s: float, time_feel: str, rules: RuleContext
) -> tuple[Section, ...]:
    fitted = fit_sections(proposed[: 4 * MOST] or [Section(0.0, duration_s, "")], duration_s)
    texts = [_section_text(section.text, index, len(fitted), rules) for index, section in enumerate(fitted)]
    longest = max(range(len(fitted)), key=lambda index: fitted[index].end_s - fitted[index].start_s)
    if time_feel and time_feel not in texts[longest] and not rules.avoid.hits(time_feel):
        texts[longest] = f"{time_feel} {texts[longest]}"
    return tuple(replace(section, text=text) for section, text in zip(fitted, texts, strict=True))


def _section_text(proposed: str, index: int, count: int, rules: RuleContext) -> str:
    """Keep the parts of the text that name nothing avoided; a plain section name when none is left."""
    text = rules.clean(proposed, 80)
    if rules.avoid.hits(text):
        first, *details = re.split(r"\s+(?=(?:with|and|over|under|plus|then|that|of)\s)|,\s*", text)
        text = " ".join((rules.avoid.strike(first), *rules.allowed(details))).strip()
        text = re.sub(r"^(?:with|and|over|under|plus|then|that|of)\s+", "", text)
    if len(text) >= 3 and not rules.avoid.hits(text):
        return text
    names = ["intro", "opening"] if index == 0 else ["ending", "close"] if index == count - 1 else []
    return next(iter(rules.allowed([*names, "main theme", "groove", "motif", "full texture", "quiet passage"])), "part")


def _mix(proposed: Iterable[str], rules: RuleContext) -> tuple[str, ...]:
    kept = unique(rules.allowed(rules.clean(word, 40) for word in proposed))[:MOST_MIX]
    return kept or rules.allowed(rules.sound.mix)[:3]


def _description(proposed: str, rules: RuleContext) -> str:
    said = rules.clean(proposed, 100)
    if said and not rules.avoid.hits(said) and not _contrary(rules) & set(tokens(said)):
        return said
    return rules.choose(rules.sound.overall, "overall")


def _avoid(proposed: Iterable[str], kept: Brief, wanted: tuple[str, ...], rules: RuleContext) -> tuple[str, ...]:
    """List the listener's terms, then the proposed ones that the song does not contain."""
    positive = [part for part in positive_part(kept).split(" ; ") if part]
    said = (rules.clean(term, 40) for term in proposed)
    others = (term for term in said if term and not any(Avoidance((term,)).hits(part) for part in positive))
    others = (term for term in others if not any(speaks_of(term, name) for name in wanted))
    news = [term for term in unique(others) if not rules.avoid.hits(term)]  # "heavy drums" adds nothing to "drums"
    return (*rules.avoid.terms, *news[:MOST_OWN_AVOID])


def _without_contrary(phrase: str, rules: RuleContext, *, keep: str) -> str:
    contrary = _contrary(rules) - set(tokens(keep))
    return " ".join(word for word in phrase.split() if not contrary & set(tokens(word)))


def _contrary(rules: RuleContext) -> frozenset[str]:
    return frozenset(rules.sound.contrary.split())


def _unrepeated(brief: Brief, taste: Taste, rules: RuleContext) -> Brief:
    """Change the key or the adjective if one of the recent songs was exactly like this brief."""
    recent = {(song.style, song.bpm, song.key) for song in taste.songs[:RECENT_SONGS]}
    if (brief.style, brief.bpm, brief.key) not in recent:
        return brief
    keys = [key for key in rules.sound.keys if key is None or not rules.avoid.hits(key)]
    rng_for(rules.seed, "another key").shuffle(keys)
    styles = [brief.style, *(f"{tint} {_bare(brief.style, rules)}" for tint in rules.allowed(rules.sound.tints))]
    others = ((style, key) for style in styles for key in keys if (style, brief.bpm, key) not in recent)
    style, key = next(others, (brief.style, brief.key))
    return replace(brief, style=style, key=key)


def _bare(style: str, rules: RuleContext) -> str:
    tints = {word for tint in rules.sound.tints for word in tint.split()}
    return " ".join(word for word in style.split() if word.lower() not in tints) or style


def _injected_words(taste: Taste) -> frozenset[str]:
    """List the words of a listener's orders that are no music words."""
    names = (*taste.fav_genres, *taste.fav_instruments, taste.gender or "")
    texts = (*names, *taste.negative_prompts, taste.notes or "")
    orders = [text[:4000] for text in texts if is_command(text[:4000])]
    orders += [text[:4000] for text in names if len(text) > LONGEST_NAME_READ]
    words = {word for text in orders for word in tokens(text)}
    return frozenset(word for word in words if len(word) > 2) - _music_words()


@lru_cache(maxsize=1)
def _music_words() -> frozenset[str]:
    """List every word of our own tables, and the function words of any phrase."""
    sounds = MOODS.values()
    texts = [(*s.openings, *s.mains, *s.turns, *s.endings, *s.mix, *s.overall, *s.words, *s.tints) for s in sounds]
    spoken = [" ".join(text) for text in texts]
    pictures = [f"{p.style} {' '.join(p.instruments)}" for sound in MOODS.values() for p in sound.pictures]
    genres = [" ".join((g.name, g.feel, *g.instruments, *g.mix, *g.aliases)) for g in GENRES]
    loose = "the and with for from that this into over under are was has its than then not but all any"
    return frozenset(tokens(" ".join((*spoken, *pictures, *genres, *known_instruments(), loose))))
