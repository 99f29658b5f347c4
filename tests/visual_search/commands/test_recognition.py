"""``vitrine evaluate`` and ``vitrine calibrate`` as typed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from services.visual_search.embedding.embedder import open_embedder
from services.visual_search.evaluation.fitting import FITTED, LOOKS
from services.visual_search.evaluation.full_pipeline import ANYWHERE, QUERY_SIDE
from services.visual_search.evaluation.lookups import MOST_HELD_OUT
from services.visual_search.local_features.features import PHOTO_SIDE, PICTURE_SIDE
from services.visual_search.recognition.found_things import FILLS
from shared.errors import InvalidInput, NotReady
from shared.image import encode_jpeg
from shared.models.card import read_card, write_card
from tests.visual_search.conftest import open_shop, settings_in, stock
from tests.visual_search.embedding.test_embedder import write_model
from tests.visual_search.pictures import jpeg, pack

FIGURES = {
    "top1", "top5", "group_top1", "n_gallery", "n_queries", "ms_per_image", "ms_per_query",
    "ms_per_query_p95", "auroc_unknown",
    "far_at_95_recall", "ece", "ece_floor", "strangers", "hardest", "model", "params", "mb",
    "pipeline",
}  # fmt: skip


def csv_of(folder, name, count, labels):
    """A CSV of drawn packs, this many labels in turn."""
    rows = ["image,label,group"]
    for seed in range(count):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed))
        rows.append(f"{seed}.jpg,{seed % labels},all")
    (folder / name).write_text("\n".join(rows))
    return folder / name


def test_evaluate_prints_one_json_object(vitrine, tmp_path):
    """Progress goes to stderr, figures to stdout."""
    path = csv_of(tmp_path, "g.csv", 3, 3)
    result = vitrine("evaluate", "--gallery", path, "--queries", path, "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert set(figures) == FIGURES
    assert (figures["top1"], figures["top5"], figures["group_top1"]) == (1, 1, 1)
    assert (figures["n_gallery"], figures["n_queries"]) == (3, 3)
    assert (figures["model"], figures["params"], figures["mb"]) == ("classical", 0, 0)
    assert (figures["pipeline"], figures["strangers"]) == ("full", "labels held out")


def test_one_table_compares_embedders(vitrine, tmp_path):
    """Seed techniques beside each other."""
    path = csv_of(tmp_path, "g.csv", 2, 2)
    methods = [part for name in ("hog", "sift", "hsv") for part in ("--embedder", name)]
    options = ["--gallery", path, "--queries", path, "--pipeline", "embedding", *methods]
    result = vitrine("evaluate", *options)
    assert result.stdout.splitlines()[0].split() == ["figure", "hog", "sift", "hsv"]
    told = json.loads(vitrine("evaluate", *options, "--json").stdout)
    assert [one["model"] for one in told] == ["hog", "sift", "hsv"]


def test_many_embedders_have_readable_names(vitrine, tmp_path, monkeypatch):
    """Folded in a narrow terminal, not cut short."""
    monkeypatch.setenv("COLUMNS", "80")
    names = ["hog", "sift", "hsv", "classical", "vitrine-embedder-1", "int8-vitrine-embedder-1"]
    path = csv_of(tmp_path, "g.csv", 2, 2)
    methods = [part for name in names for part in ("--embedder", name)]
    options = ["--gallery", path, "--queries", path, "--pipeline", "embedding", *methods]
    shown = vitrine("evaluate", *options).stdout
    assert "\u2026" not in shown
    assert max(len(line) for line in shown.split("by looks")[0].splitlines()) <= 80
    heading = shown[: shown.index("top1")]
    assert Counter("".join(heading.split())) == Counter("figure" + "".join(names))


@pytest.mark.parametrize(
    ("pipeline", "told"),
    [("full", "by looks and print, which is looked for at"), ("embedding", "by looks alone")],
)
def test_it_is_told_what_was_measured(vitrine, tmp_path, pipeline, told):
    """With print the techniques differ less than their looks do; help says how to compare."""
    path = csv_of(tmp_path, "g.csv", 2, 2)
    options = ["--gallery", path, "--queries", path, "--pipeline", pipeline]
    assert told in vitrine("evaluate", *options).stdout
    assert json.loads(vitrine("evaluate", *options, "--json").stdout)["pipeline"] == pipeline
    helped = " ".join(vitrine("evaluate", "--help").stdout.split())
    assert "--embedder hog --embedder sift --embedder hsv --pipeline embedding" in helped


def test_what_evaluation_does_otherwise_than_scanning_is_told_with_its_figures(vitrine, tmp_path):
    """In the help and below the table; the figures are those of the code."""
    photo, scene = f"at {PHOTO_SIDE} to {QUERY_SIDE} px", f"{PICTURE_SIDE} px"
    helped = " ".join(vitrine("evaluate", "--help").stdout.replace("│", " ").split())
    path = csv_of(tmp_path, "g.csv", 2, 2)
    shown = vitrine("evaluate", "--gallery", path, "--queries", path, "--pipeline", "full").stdout
    for told in (helped, shown):
        assert photo in told
        assert scene in told.replace(photo, "")
    assert (FILLS, ANYWHERE) == (0.25, 0)
    assert "fills a quarter" in helped
    assert "however small it is" in helped
    assert f"the label of each query (at most {MOST_HELD_OUT})" in helped


def test_every_figure_that_does_not_speak_for_itself_is_told_in_the_help(vitrine):
    """Under the name that the table and the JSON have for it."""
    plain = {"top1", "top5", "group_top1", "n_gallery", "n_queries", "strangers", "model"}
    plain |= {"params", "mb", "pipeline"}
    words = vitrine("evaluate", "--help").stdout.replace(",", " ").split()
    assert set(words) >= FIGURES - plain


def test_shots_keep_so_many_photos_of_each_label(vitrine, tmp_path):
    """Drawn from the gallery only."""
    path = csv_of(tmp_path, "g.csv", 6, 2)
    options = ["--gallery", path, "--queries", path, "--pipeline", "embedding", "--json"]
    figures = json.loads(vitrine("evaluate", *options, "--shots", 2, "--seed", 3).stdout)
    assert (figures["n_gallery"], figures["n_queries"]) == (4, 6)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "give --gallery G.csv or --catalog"),
        (["--gallery", "g.csv", "--catalog", "--leave-one-out"], "give --gallery G.csv or"),
        (["--gallery", "g.csv"], "give --queries Q.csv or --leave-one-out"),
        (["--gallery", "none.csv", "--queries", "none.csv"], "cannot read none.csv: No such file"),
    ],
)
def test_evaluate_names_what_is_wrong(vitrine, options, told):
    """Which options belong together, which file is missing."""
    result = vitrine("evaluate", *options)
    assert isinstance(result.exception, InvalidInput)
    assert told in str(result.exception)


def test_a_label_that_the_gallery_lacks_is_told(vitrine, tmp_path):
    """Such queries count as wrong, which the figures alone do not explain; nothing else is told."""
    gallery, queries = (csv_of(tmp_path, name, 4, labels) for name, labels in [("g", 2), ("q", 4)])
    options = ["--pipeline", "embedding", "--json"]
    result = vitrine("evaluate", "--gallery", gallery, "--queries", queries, *options)
    assert "2 of 4 queries have a label that the gallery lacks, such as '2'" in result.stderr
    assert json.loads(result.stdout)["n_queries"] == 4
    fine = vitrine("evaluate", "--gallery", queries, "--queries", gallery, *options)
    assert "lacks" not in fine.stderr


def test_a_stranger_whose_label_the_gallery_has_is_told(vitrine, tmp_path):
    """It would only show as a poor figure; held-out labels are meant to be in the gallery."""
    gallery, strange = (csv_of(tmp_path, name, 4, labels) for name, labels in [("g", 2), ("u", 4)])
    options = ["--gallery", gallery, "--queries", gallery, "--pipeline", "embedding", "--json"]
    result = vitrine("evaluate", *options, "--unknown", strange)
    assert "2 of 4 photos in --unknown have a label that the gallery has, such as" in result.stderr
    assert "--unknown" not in vitrine("evaluate", *options).stderr


@pytest.mark.parametrize("pipeline", ["full", "embedding"])
def test_labels_that_do_not_match_give_no_calibration(vitrine, tmp_path, pipeline):
    """Told with what is wrong; nothing is written."""
    gallery, queries = csv_of(tmp_path, "g.csv", 24, 12), tmp_path / "q.csv"
    queries.write_text(gallery.read_text().replace(",all", ",other").replace("g,", "g,SKU-"))
    options = ["--gallery", gallery, "--queries", queries, "--pipeline", pipeline, "--json"]
    result = vitrine("calibrate", *options)
    assert "24 of 24 queries have a label that the gallery lacks, such as 'SKU-0'" in result.stderr
    assert isinstance(result.exception, InvalidInput)
    assert "only 0, of 0 labels, are found" in str(result.exception)
    assert not list((tmp_path / "state").rglob("calibrations"))


def test_queries_that_the_gallery_lacks_are_left_out_of_a_fit(vitrine, tmp_path):
    """They would teach that what is known is strange."""
    gallery, queries = csv_of(tmp_path, "g.csv", 24, 12), tmp_path / "q.csv"
    queries.write_text(gallery.read_text() + "\n0.jpg,none,all\n1.jpg,none,all")
    options = ["--pipeline", "embedding", "--json"]
    result = vitrine("calibrate", "--gallery", gallery, "--queries", queries, *options)
    assert "2 of 26 queries have a label that the gallery lacks" in result.stderr
    assert json.loads(result.stdout)["after"]["n"] == 48


def test_leaving_one_out_needs_two_photos_of_a_label(vitrine, tmp_path):
    """Told, with what helps."""
    path = csv_of(tmp_path, "g.csv", 3, 3)
    result = vitrine("evaluate", "--gallery", path, "--leave-one-out")
    assert "no label has two photos" in str(result.exception)


async def test_the_catalogue_is_its_own_gallery(vitrine, tmp_path):
    """Each reference image is looked up among the others; an empty catalogue is told."""
    run = asyncio.to_thread
    empty = await run(vitrine, "evaluate", "--catalog", "--leave-one-out")
    assert isinstance(empty.exception, NotReady)
    async with open_shop(settings_in(tmp_path / "state")) as shop:
        await stock(shop)
        await shop.picture("TEA-1", encode_jpeg(pack(0)[:-8]))
    result = await run(vitrine, "evaluate", "--catalog", "--leave-one-out", "--json")
    figures = json.loads(result.stdout)
    assert (figures["top1"], figures["n_gallery"], figures["n_queries"]) == (1.0, 5, 2)
    assert figures["group_top1"] == 1.0
    assert figures["pipeline"] == "embedding"  # a side that is left out is on siblings only


def test_print_counts_where_queries_are_given(vitrine, tmp_path):
    """Where it is not said otherwise."""
    path = csv_of(tmp_path, "g.csv", 3, 3)
    result = vitrine("evaluate", "--gallery", path, "--queries", path, "--json")
    assert json.loads(result.stdout)["pipeline"] == "full"


def test_a_calibration_is_kept_and_taken(vitrine, tmp_path):
    """For this embedder's file, in the state folder; or in a card that is named."""
    path = csv_of(tmp_path, "g.csv", 24, 12)
    result = vitrine("calibrate", "--gallery", path, "--queries", path, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["after"]["n"] == 48
    models = tmp_path / "state" / "models"
    assert told["file"].startswith(str(models))
    fitted = open_embedder("classical", [models]).card.calibration
    assert fitted == told["calibration"] != open_embedder("classical").card.calibration


def test_a_fit_by_looks_alone_says_nothing_of_print(vitrine, tmp_path):
    """What a later version makes of print is not held back by what was never fitted."""
    path = csv_of(tmp_path, "g.csv", 24, 12)
    options = ["--gallery", path, "--queries", path, "--pipeline", "embedding", "--json"]
    told = json.loads(vitrine("calibrate", *options).stdout)["calibration"]
    assert not [name for name in told if name.startswith("print_")]
    assert set(LOOKS) <= set(told)


def test_help_names_all_that_is_fitted(vitrine):
    """As the file that is written does."""
    helped = vitrine("calibrate", "--help").stdout
    assert [name for name in FITTED if name not in helped] == []


def test_a_card_takes_the_calibration_of_its_own_network_only(vitrine, tmp_path):
    """A sibling's is told in one line; another network's is refused before anything is done."""
    path, models = csv_of(tmp_path, "g.csv", 24, 12), tmp_path / "state" / "models"
    card = write_model(tmp_path / "run", name="acme-1", dims=16)
    sibling = replace(card, id="acme-2", calibration={"gap": 3.0, "long_gone": 1.0})
    write_card(sibling, tmp_path / "acme-2.json")
    shutil.copytree(tmp_path / "run", models)
    options = ["--gallery", path, "--queries", path, "--pipeline", "embedding", "--json"]
    fitted = vitrine(
        "calibrate", *options, "--embedder", "acme-1", "--card", tmp_path / "acme-2.json"
    )
    assert fitted.exit_code == 0, fitted.output
    assert "calibration of acme-1 is written into the card of acme-2" in fitted.stderr
    written = read_card(tmp_path / "acme-2.json")
    assert written.calibration == json.loads(fitted.stdout)["calibration"]
    assert replace(written, calibration=sibling.calibration) == sibling
    before = (tmp_path / "acme-2.json").read_text()
    other = vitrine("calibrate", *options, "--embedder", "hsv", "--card", tmp_path / "acme-2.json")
    assert "card: is that of acme-2, another network than hsv" in str(other.exception)
    assert (tmp_path / "acme-2.json").read_text() == before
    own = vitrine("calibrate", *options, "--embedder", "acme-1", "--card", models / "acme-1.json")
    assert "is written into the card" not in own.stderr


def test_calibrate_needs_a_pair_of_each(vitrine):
    """As many queries as galleries."""
    result = vitrine("calibrate", "--gallery", "g.csv")
    assert "as many --queries as --gallery" in str(result.exception)
