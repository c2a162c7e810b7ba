"""Tokens of buttons: what is made is read again, today's and those of older versions."""

from __future__ import annotations

import pytest

from handlers.button_actions import (
    ACTION_NAMES,
    MAX_BYTES,
    PATTERN,
    ActionName,
    ButtonAction,
    decode_action,
    slug,
)
from handlers.preferences.avoid import AVOIDABLE
from handlers.preferences.favourites import SWITCHES, Field, known_names

LONGEST_VALUE = "x" * 24

OLD = [
    ("g.lofi", ButtonAction("genre", 0, "lofi")),
    ("g.r_b", ButtonAction("genre", 0, "r_b")),
    ("g.p.0", ButtonAction("genres", 0, "0")),
    ("g.p.12", ButtonAction("genres", 0, "12")),
    ("i.piano", ButtonAction("instrument", 0, "piano")),
    ("i.electric_guitar", ButtonAction("instrument", 0, "electric_guitar")),
    ("i.p.2", ButtonAction("instruments", 0, "2")),
    ("t.80.100", ButtonAction("tempo", 0, "80.100")),
    ("t.any", ButtonAction("tempo", 0, "any")),
    ("a.electric_guitar", ButtonAction("avoid", 0, "electric_guitar")),
    ("l.zh", ButtonAction("language", 0, "zh")),
    ("l.zh-hant", ButtonAction("language", 0, "zh-hant")),
    ("l.auto", ButtonAction("language", 0, "auto")),
    ("p.age", ButtonAction("forget", 0, "age")),
    ("p.gender", ButtonAction("forget", 0, "gender")),
    ("p.notes", ButtonAction("forget", 0, "notes")),
]


@pytest.mark.parametrize(("value", "action"), OLD)
def test_menus_of_older_versions_still_work(value: str, action: ButtonAction) -> None:
    assert decode_action(f"1:toggle:0:{value}") == action


@pytest.mark.parametrize("value", ["", "x", "x.lofi", "g", "lofi", ".g.lofi"])
def test_what_no_old_menu_had_is_no_action(value: str) -> None:
    assert decode_action(f"1:toggle:0:{value}") is None


@pytest.mark.parametrize("name", ACTION_NAMES)
def test_the_longest_token_of_every_action_is_read_again(name: ActionName) -> None:
    action = ButtonAction(name, 2**63 - 1, LONGEST_VALUE)
    assert decode_action(action.encode()) == action
    assert len(action.encode().encode()) <= MAX_BYTES


@pytest.mark.parametrize("field", SWITCHES)
def test_every_known_name_has_a_slug_of_its_own_that_fits(field: Field) -> None:
    names = known_names(field)
    slugs = {slug(name) for name in names}
    assert len(slugs) == len(names)
    assert all(PATTERN.fullmatch(ButtonAction(SWITCHES[field], 0, each).encode()) for each in slugs)


def test_every_word_to_avoid_has_a_slug_of_its_own() -> None:
    assert len({slug(name) for name in AVOIDABLE}) == len(AVOIDABLE)
    assert slug("R&B") == "r_b"
