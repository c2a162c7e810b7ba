"""Our decoder gives audiocraft's codes, one by one, for every kind of model and of sampling."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch

from pipeline.backends.musicgen import decoder
from pipeline.backends.musicgen.conditions import encode
from pipeline.backends.musicgen.engine import SamplingParams
from pipeline.backends.musicgen.generation_request import Window, plan_windows
from tests.pipeline.backends.musicgen import tiny
from tests.pipeline.backends.musicgen.reference import PROMPT, Reference

GREEDY = SamplingParams(seed=1, temperature=0.0)
TOP_K = SamplingParams(seed=2, top_k=20)
WAYS = {
    "greedy": GREEDY,
    "top k": TOP_K,
    "top p": SamplingParams(seed=3, top_k=0, top_p=0.6),
    "hot, all codes": SamplingParams(seed=4, top_k=0, temperature=1.4),
    "more codes than there are": SamplingParams(seed=5, top_k=64, guidance=1.5),
}
SECOND = (Window(0.0, 50, 0),)


@pytest.fixture(scope="module", params=["text", "stereo", "tune"])
def model(request: pytest.FixtureRequest, home: Path) -> Reference:
    return Reference.saved(home, request.param)


@pytest.mark.parametrize("way", WAYS)
def test_codes_are_audiocrafts_whatever_the_sampling(model: Reference, way: str) -> None:
    ours = model.ours(WAYS[way], windows=SECOND)

    assert torch.equal(ours, model.theirs(WAYS[way], seconds=1.0))


def test_the_compiled_attention_gives_the_same_codes(model: Reference) -> None:
    ours = model.ours(TOP_K, windows=SECOND, engine=model.engine(kernel=True))

    assert torch.equal(ours, model.theirs(TOP_K, seconds=1.0))


def test_a_song_goes_on_from_codes_it_is_given(model: Reference) -> None:
    given = torch.randint(0, 64, (model.network.codebooks, 23))
    ours = model.ours(TOP_K, windows=(Window(0.0, 50, 23),), prompt=given)

    assert torch.equal(ours[:, :23], given)
    assert torch.equal(ours, model.theirs(TOP_K, seconds=1.0, prompt=given))


@pytest.mark.parametrize(("name", "seconds", "given"), [("text", 3.7, 0), ("text", 4.0, 10), ("stereo", 3.7, 10)])
def test_a_song_longer_than_the_model_knows_slides_its_window(
    home: Path, name: str, seconds: float, given: int
) -> None:
    model = Reference.saved(home, name, window_s=1.6)
    prompt = torch.randint(0, 64, (model.network.codebooks, given))
    windows = plan_windows(seconds, given=given, frame_rate=50, window_s=1.6, stride_s=1.0)
    theirs = model.theirs(TOP_K, seconds=seconds, prompt=prompt if given else None)

    assert len(windows) > 2
    assert torch.equal(model.ours(TOP_K, windows=windows, prompt=prompt, stride=50), theirs)


def test_a_melody_is_followed_as_audiocraft_follows_it(home: Path) -> None:
    model = Reference.saved(home, "tune")
    melody = torch.sin(torch.arange(64000) * 0.08)[None]
    encoded = [encode(model.loaded, PROMPT, melody=melody)]
    ours = model.ours(TOP_K, windows=SECOND, conditions=encoded)

    assert torch.equal(ours, model.theirs(TOP_K, seconds=1.0, melody=melody))
    assert not torch.equal(ours, model.ours(TOP_K, windows=SECOND))


@pytest.mark.parametrize(
    ("name", "size"), [("mini", tiny.MINI), ("wide", tiny.Size(dim=1024, layers=1, heads=16, card=2048))]
)
def test_mini_and_wide_models_agree_too(home: Path, name: str, size: tiny.Size) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tiny.make_model(home, name, size=size)
    _assert_same(Reference.saved(home, name))


def test_a_model_of_musicgen_smalls_size_agrees_too(home: Path) -> None:
    """All 24 layers of 1024, 420 million random weights: 20 steps with top k, 8 greedy; 30 s of a core and 5 GB."""
    _assert_same(Reference.unsaved(home, tiny.SMALL), frames=17, greedy=5)


def _assert_same(model: Reference, *, frames: int = 20, greedy: int = 20) -> None:
    for settings, count in (
        (SamplingParams(seed=9), frames),
        (GREEDY, greedy),
    ):  # the first with top_k 250, the default
        ours = model.ours(settings, windows=(Window(0.0, count, 0),))
        assert torch.equal(ours, model.theirs(settings, seconds=count / 50))
    assert _worst_logit(model) < 1e-4


def _worst_logit(model: Reference) -> float:
    """Compare all logits of 8 steps with audiocraft's forward pass over the same codes."""
    lm, network = model.loaded.lm, model.network
    codes = torch.randint(0, network.card, (4, 8))
    encoded = encode(model.loaded, PROMPT)
    assert encoded.prompt is not None
    with torch.no_grad():
        theirs = lm(
            codes[None].expand(2, -1, -1), [], {"description": (encoded.prompt, None)}
        )  # [2, codebooks, 8, card]
    engine = model.engine(kernel=True)
    for _ in engine.open(0, encoded, codes=codes[:, :0], frames=8):
        pass
    worst = 0.0
    for place in range(8):
        x = decoder.embed(network, codes[:, place][None]) + engine._positions[place]
        ours = engine._step(x.expand(2, -1), [0], [place + 1])[0]
        worst = max(worst, float((ours - theirs[:, :, place]).abs().max()))
    return worst
