"""A whole run: photos in, cards and files out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from services.trainer.plan import Plan
from services.trainer.run import SHIPPED_CARD, Request, train, wants_bfloat16
from services.trainer.starting import from_card
from shared.errors import InvalidInput
from shared.models.card import checked_file, read_card
from tests.trainer.conftest import Draw


def request_for(data: Path, out: Path, plan: Plan) -> Request:
    return Request(
        data, SHIPPED_CARD, out, "acme-1", plan, "cpu", 0, ("Acme's photos (own)",), "MIT"
    )


def test_run_raises_recall_and_leaves_a_card(
    draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path
) -> None:
    """Products that differ in their dots only are told apart better than before."""
    plan = replace(tiny_plan, epochs=3, batch=32, side=96, eval_side=96, least_views=320)
    data = draw_catalogue(labels=10, photos=8)
    path = train(request_for(data, tmp_path / "out", plan), Console(quiet=True))
    assert path is not None
    card = read_card(path)
    assert card.figures["val_top1_after"] > card.figures["val_top1_before"]
    assert card.trained_on[-1] == "Acme's photos (own)"
    assert card.licence == "MIT"
    assert card.input_size == (96, 96)
    assert checked_file(card, path.parent).name == "acme-1.onnx"
    assert from_card(path).head.product.out_features < card.dims
    assert card.calibration == read_card(SHIPPED_CARD).calibration != {}
    small = read_card(path.parent / "int8-acme-1.json")
    assert small.calibration == card.calibration
    assert checked_file(small, path.parent).stat().st_size < 4_500_000


def test_teacher_is_in_the_card(draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path) -> None:
    """What it was trained on has gone into the new weights too."""
    data, quiet = draw_catalogue(labels=2, photos=4), Console(quiet=True)
    first = train(request_for(data, tmp_path / "first", tiny_plan), quiet)
    assert first is not None
    request = replace(
        request_for(data, tmp_path / "second", tiny_plan),
        model_id="acme-2",
        teachers=(first,),
        trained_on=("More photos (own)",),
    )
    path = train(request, quiet)
    assert path is not None
    card = read_card(path)
    assert card.source.endswith("; taught by acme-1")
    assert card.trained_on == (*read_card(first).trained_on, "More photos (own)")
    untaught = train(replace(request, out=tmp_path / "third", teachers=()), quiet)
    assert untaught is not None
    assert read_card(untaught).sha256 != card.sha256


def test_data_set_that_no_photo_is_of_is_refused(
    draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path
) -> None:
    """The teachers would be silent about every photo."""
    plan = replace(tiny_plan, teacher_of="grocery")
    request = request_for(draw_catalogue(labels=2, photos=4), tmp_path / "out", plan)
    with pytest.raises(
        InvalidInput, match=r"teacher_of: is grocery; .* two labels or more of: none"
    ):
        train(request, Console(quiet=True))


def test_one_label_is_refused(draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path) -> None:
    """There is nothing to tell apart."""
    data = draw_catalogue(labels=1, photos=4)
    with pytest.raises(InvalidInput, match="one label only"):
        train(request_for(data, tmp_path / "out", tiny_plan), Console(quiet=True))


def test_bad_photo_is_told_before_training(
    draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path
) -> None:
    """No epoch is run for a run that would end at it."""
    data = draw_catalogue(labels=2, photos=4)
    bad = data / "product-01" / "3.jpg"
    bad.write_bytes(b"no picture")
    with pytest.raises(InvalidInput, match=r"1 of 8 photos cannot be trained on") as caught:
        train(request_for(data, tmp_path / "out", tiny_plan), Console(quiet=True))
    assert str(bad) in caught.value.message
    assert not (tmp_path / "out" / "checkpoint.pt").exists()


def test_precision_is_as_told() -> None:
    """Only auto looks at the machine."""
    cpu = torch.device("cpu")
    assert wants_bfloat16("bfloat16", cpu)
    assert not wants_bfloat16("float32", cpu)
