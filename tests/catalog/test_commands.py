"""What the catalogue's commands print, on the real service embedded for the call."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from services.catalog.commands import app, load_folder
from services.cli.stack import Stack
from shared.config import read_settings
from shared.errors import InvalidInput, NotFound
from shared.status import from_rpc_error
from tests.catalog.making import jpeg
from vitrine.v1 import catalog_pb2 as pb

FEED = "id\ttitle\tprice\tgtin\timage_link\nA\tTea [x]\t2.50 EUR\t96385074\ta.jpg\nB\t\t\t\t\n"

Run = Callable[..., str]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """One good row and one without a title."""
    (tmp_path / "a.jpg").write_bytes(jpeg())
    path = tmp_path / "feed.tsv"
    path.write_text(FEED)
    return path


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A stack with nothing running."""
    settings = read_settings(state_dir=tmp_path / "state")
    return Stack(settings, Console(stderr=True), embedded_only=True)


@pytest.fixture
def run(stack: Stack) -> Run:
    """Run a command; return its stdout, or raise what it raised."""

    def invoke(*arguments: str, exit_code: int = 0, answer: str = "") -> str:
        fresh = Stack(stack.settings, stack.console, embedded_only=True)
        result = CliRunner().invoke(app, list(arguments), obj=fresh, input=answer)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == exit_code, result.output
        return result.stdout

    return invoke


def test_import_prints_the_report_as_json(run: Run, feed: Path) -> None:
    """Exactly four fields, one line."""
    assert json.loads(run("import", str(feed), "--json")) == {
        "products": 1,
        "images": 1,
        "rejected": [{"line": 3, "reason": "title is missing"}],
        "revision": 2,
    }


def test_import_tells_a_person_the_same(run: Run, feed: Path) -> None:
    """Counts, each rejected row with its line, the revision."""
    printed = run("import", str(feed))
    assert printed.splitlines() == [
        "1 imported, 1 rejected",
        "  line 3      title is missing",
        "catalogue revision 2",
    ]


def test_import_fails_when_nothing_could_be_imported(run: Run, tmp_path: Path) -> None:
    """The exit code says so, the report is printed all the same."""
    (tmp_path / "feed.tsv").write_text("id\ttitle\nA\t\n")
    assert json.loads(run("import", str(tmp_path / "feed.tsv"), "--json", exit_code=1))["rejected"]


def test_import_of_no_feed_is_an_error(run: Run, tmp_path: Path) -> None:
    """Of the project's own tree, so that the command line shows it."""
    with pytest.raises(InvalidInput, match="cannot read"):
        run("import", str(tmp_path / "none"))


def test_the_catalogue_can_be_listed(run: Run, feed: Path) -> None:
    """By text and category, as a table and as JSON."""
    run("import", str(feed))
    assert "Tea [x]" in run("catalog", "list")
    (found,) = json.loads(run("catalog", "list", "tea", "--json"))["products"]
    assert (found["sku"], found["price"]["amount_micros"]) == ("A", "2500000")
    assert json.loads(run("catalog", "list", "--category", "Food", "--json")) == {"products": []}


def test_a_product_is_shown_by_any_code(run: Run, feed: Path) -> None:
    """With its price; what is not there is an error."""
    run("import", str(feed))
    printed = run("catalog", "show", "96385074")
    assert "2.50 EUR" in printed
    assert "Tea [x]" in printed
    shown = json.loads(run("catalog", "show", "A", "--json"))
    assert (shown["product"]["sku"], shown["offer"]["sku"]) == ("A", "A")
    assert json.loads(run("catalog", "show", "no", "--json")) == {"product": None, "offer": None}
    with pytest.raises(NotFound):
        run("catalog", "show", "no")


def test_deleting_asks_first(run: Run, feed: Path) -> None:
    """No is no; --yes does not ask."""
    run("import", str(feed))
    run("catalog", "delete", "A", answer="n\n", exit_code=1)
    assert json.loads(run("catalog", "status", "--json"))["products"] == 1
    reply = json.loads(run("catalog", "delete", "A", "x", "--yes", "--json"))
    assert reply == {"deleted": 1, "missing": ["x"], "revision": 3}


def test_deleting_names_what_was_not_there(run: Run, feed: Path) -> None:
    """With exit code 1 where nothing was."""
    run("import", str(feed))
    told = run("catalog", "delete", "NOPE", "A", "--yes").splitlines()
    assert told == ["1 deleted; catalogue revision 3", "  no product 'NOPE'"]
    run("catalog", "delete", "NOPE", "--yes", exit_code=1)


def test_the_status_counts(run: Run, feed: Path) -> None:
    """As JSON and as a table."""
    run("import", str(feed))
    assert json.loads(run("catalog", "status", "--json")) == {
        "revision": 2,
        "products": 1,
        "reference_images": 1,
        "stores": 0,
    }
    assert "reference images" in run("catalog", "status")


def test_stock_is_set_and_shown(run: Run, feed: Path, tmp_path: Path) -> None:
    """One level, a file of them, and what is there."""
    (tmp_path / "stores.csv").write_text("id,name,city\nberlin,Berlin,x\n")
    (tmp_path / "stock.csv").write_text("sku,store,quantity\nA,berlin,7\n")
    run("import", str(feed))
    assert run("stores", "import", str(tmp_path / "stores.csv")) == "1 stores\n"
    stores = json.loads(run("stores", "list", "--json"))
    assert stores == {"stores": [{"id": "berlin", "name": "Berlin"}]}
    assert run("stock", "set", "A", "berlin", "3") == "1 stock levels set\n"
    assert json.loads(run("stock", "show", "berlin", "--json"))["stock"] == {"A": 3}
    run("stock", "set", "--file", str(tmp_path / "stock.csv"))
    assert json.loads(run("stock", "show", "berlin", "--json"))["stock"] == {"A": 7}
    assert "in berlin" in run("catalog", "show", "A", "--store", "berlin")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("sku,quantity\nA,1\n", "needs the column store; found: sku, quantity"),
        ("sku,store,quantity\nA,b,-1\n", "quantity: is '-1' on line 2"),
        ("sku,store,quantity\nA,b,many\n", "quantity: is 'many' on line 2"),
        ("sku,store,quantity\nA,b,9999999999\n", "must be a number, 0 to 2147483647"),
        ("sku,store,quantity\nA,,1\n", "store: is missing on line 2"),
        ("sku,store,quantity\nA,b,1,2\n", "line 2: has 4 fields"),
    ],
)
def test_a_wrong_stock_file_sets_nothing(
    run: Run, tmp_path: Path, content: str, message: str
) -> None:
    """The line and the column are named before anything is sent."""
    (tmp_path / "stock.csv").write_text(content)
    with pytest.raises(InvalidInput, match=message):
        run("stock", "set", "--file", str(tmp_path / "stock.csv"))


@pytest.mark.parametrize("quantity", ["-1", "99999999999999999999", "many"])
def test_a_quantity_out_of_range_is_wrong_usage(run: Run, quantity: str) -> None:
    """Told by the command line before anything is sent."""
    run("stock", "set", "A", "berlin", "--", quantity, exit_code=2)


def test_stock_of_an_unknown_store_is_an_error(run: Run, feed: Path) -> None:
    """The catalogue's own answer comes through."""
    run("import", str(feed))
    with pytest.raises(Exception, match="no store 'nowhere'") as failure:
        run("stock", "set", "A", "nowhere", "1")
    assert isinstance(from_rpc_error(failure.value), NotFound)  # type: ignore[arg-type]


async def test_a_demo_folder_is_loaded_whole(stub: Any, feed: Path) -> None:
    """Feed, stores and stock; what is rejected is told."""
    (feed.parent / "stores.csv").write_text("id,name,city,latitude,longitude\nb,B,x,1,2\n")
    (feed.parent / "stock.csv").write_text("sku,store,quantity\nA,b,7\n")
    console = Console(record=True, quiet=True)
    report = await load_folder(stub, feed.parent, console)
    assert (report.products, len(report.rejected)) == (1, 1)
    (offer,) = (await stub.GetOffers(pb.GetOffersRequest(skus=["A"], store_id="b"))).offers
    assert offer.quantity == 7
