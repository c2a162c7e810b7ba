"""What is offered while a person types."""

from __future__ import annotations

from handlers.commands.autocomplete import suggest


def test_suggestions_go_on_from_the_last_word() -> None:
    assert suggest("genre", "jazz, bos")[0] == "jazz, bossa nova"
    assert "piano" in suggest("instrument", "pia")
    assert suggest("mood", "开", locale="zh") == ["开心"]
    assert all(len(each) <= 100 for each in suggest("genre", "x" * 99 + ", "))
    assert len(suggest("genre", "")) == 25
