"""Sanitise text from outside: what listeners and models write becomes plain English music words.

Only what can name a genre, an instrument or an arrangement is kept. A text that looks like an order or a link is
dropped whole, so that no part of it remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NAME_WORDS, NAME_CHARS = 4, 32  # "2000s mandopop r&b ballad"
LONGEST_NAME_READ = 80  # a longer text is a message, not a name

# Words that address somebody or steer a text. No genre or instrument is called so, in any of their forms.
_ORDERS = _set(
    """ignore ignores ignoring disregard forget override overrule bypass obey comply pretend jailbreak
    instruction instructions instruct instead system assistant developer admin prompt prompts
    chatbot gpt llm ai above below previous previously prior preceding aforementioned following you
    your yours yourself i i'm me my mine we us our he she they them must should shall please kindly
    always never don't dont cannot can't output print write writes say says speak reply respond
    answer repeat tell reveal translate summarize summarise describe explain show display send post
    execute delete insert eval script password secret token api include add append contain replace
    set reset change use make create generate give want need is are was were be been it its this
    that these those not text word words sentence phrase message content rules rule role user json
    avoid overall arrangement featuring track bpm http https www"""
)
# In a longer phrase that a language model wrote, these words alone give an order away.
_PHRASE_ORDERS = _set(
    """ignore ignores ignoring disregard override bypass obey pretend jailbreak instruction instructions
    instruct system assistant developer admin prompt prompts chatbot gpt llm previous preceding you
    your yours yourself i me my must please output print reveal execute script password secret api
    http https www json avoid overall arrangement featuring bpm"""
)
_COMMANDS = _set(
    """ignore ignores ignoring disregard forget override overrule bypass obey pretend jailbreak instruction
    instructions instruct system assistant developer admin prompt prompts chatbot gpt llm previous
    previously preceding you your yours output print write say repeat reply respond reveal translate
    execute eval script password secret api json http https www"""
)
_CODE = re.compile(r"[<>{}\[\]|\\`$=]|://|\w\.(?:com|net|org|io|ru|cn|ly)\b", re.ASCII)
_ODD = re.compile(r"[<>{}\[\]|\\`@#$%^*_=~:;]|\.(?=\S)|://", re.ASCII)
_NAME_TOKEN = re.compile(r"[a-z][a-z'&/-]*|\d{1,4}(?:s|th|-?bit|-?step)?")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9'&]*")
_FUNCTION_WORDS = _set("a an the of to in on at for from by is are be was it its this that these those as")


def flatten(text: str) -> str:
    """Fold a text to one line of visible characters: compatibility forms unified, accents kept off, no marks.

    Zero-width, direction, control, private and pictorial characters vanish; every white space is one blank.
    """
    if text.isascii() and text.isprintable():  # nearly every text: ten times faster
        return " ".join(text.split())
    folded = unicodedata.normalize("NFKD", text.replace("♯", "#").replace("♭", "b"))
    kept = (" " if char.isspace() else char for char in folded if _visible(char))
    return " ".join("".join(kept).split())


def _visible(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] not in "CM" and category not in ("So", "Sk")


def tokens(text: str) -> list[str]:
    """The lower-case words of a text: "Lo-fi, R&B/pop" → lo, fi, r&b, pop."""
    return _TOKEN.findall(flatten(text).lower())


def is_command(text: str) -> bool:
    """Whether a text speaks to a language model or carries a link or code; a plain complaint does not."""
    line = flatten(text).lower()
    return bool(_CODE.search(line)) or bool(_COMMANDS & set(re.findall(r"[a-z]+", line)))


def is_order(text: str) -> bool:
    """Whether a listener's text steers the writer or is no name at all: a link, code, a wall of text."""
    line = flatten(text)
    if len(text) > LONGEST_NAME_READ or "\n" in text.strip() or _ODD.search(line):
        return True
    return any(word in _ORDERS for word in re.findall(r"[a-z']+", line.lower().replace("’", "'")))


def clean_words(text: str, *, max_words: int = NAME_WORDS, max_chars: int = NAME_CHARS) -> str:
    """A listener's name for a genre or instrument as plain lower-case words; "" when it is not a name.

    Only letters, digits, blanks and - & / ' survive. Words in other scripts are dropped (the caller maps the
    ones it knows first), orders and links lose the whole text.
    """
    if is_order(text):
        return ""
    words = flatten(text).lower().replace("’", "'").replace(",", " ").replace(".", " ").split()
    words = [word.strip("-&/'") for word in words if word != "&"]
    while words and words[0] in _FUNCTION_WORDS:
        words.pop(0)
    kept = [word for word in words if _NAME_TOKEN.fullmatch(word)]
    if len(kept) < len([word for word in words if word.isascii() and word]) or len(kept) > max_words:
        return ""
    name = " ".join(kept)
    return name if len(name) <= max_chars else ""


def clean_phrase(text: str, *, max_chars: int) -> str:
    """A language model's phrase cut to plain English; "" when it gives an order or holds nothing to keep.

    The phrase ends at its first full stop, colon or line break, so that it cannot open a part of its own.
    """
    line = flatten(re.split(r"[.:;!?\r\n]", text.strip(), maxsplit=1)[0]).replace("’", "'")
    said = set(re.findall(r"[a-z']+", line.lower()))
    if re.search(r"[<>{}\[\]|\\`@$^*_=~]", line) or said & _PHRASE_ORDERS:
        return ""
    line = re.sub(r"[^A-Za-z0-9 ,&/'()#+-]", " ", line)
    return shorten(" ".join(line.split()).strip(" ,-/&+'#"), max_chars)


def shorten(text: str, max_chars: int) -> str:
    """Cut at a word's end so that at most max_chars remain, without a dangling connective."""
    if len(text) <= max_chars:
        return text
    words = text[: max_chars + 1].rsplit(" ", 1)[0][:max_chars].rstrip(" ,-/&(").split(" ")
    while words and words[-1].lower() in ("and", "with", "a", "an", "the", "of", "in", "to", "for"):
        words.pop()
    return " ".join(words).rstrip(" ,")


def listed(text: str) -> list[str]:
    """The items of a list as people write it, with Western or Chinese commas."""
    return [item.strip() for item in re.split(r"[,，、;；\n]", text) if item.strip()]


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without empty ones and without repeats, case aside, in their order."""
    seen: dict[str, str] = {}
    for item in items:
        if item:
            seen.setdefault(item.lower(), item)
    return tuple(seen.values())
