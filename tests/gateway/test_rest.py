"""REST over real services: one to one with the contracts, and cacheable where they are read."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from tests.gateway.conftest import Shop
from tests.gateway.contents import TEA_GTIN, found_sku, picture
from vitrine.v1 import catalog_pb2


def test_products_are_listed_page_by_page(client: httpx.Client) -> None:
    """The token of one page opens the next, and every product comes once."""
    skus: list[str] = []
    token = ""
    while True:
        page = client.get("/v1/products", params={"page_size": 2, "page_token": token}).json()
        skus += [product["sku"] for product in page["products"]]
        token = page["next_page_token"]
        if not token:
            break
    assert skus == ["CUP-1", "CUP-2", "CUP-3", "CUP-4", "GLS-1", "TEA-1"]


def test_products_are_filtered(client: httpx.Client) -> None:
    """By text and by category."""
    by_text = client.get("/v1/products", params={"query": "green"}).json()
    by_category = client.get("/v1/products", params={"category": ["Groceries", "Tea"]}).json()
    found = [[item["sku"] for item in reply["products"]] for reply in (by_text, by_category)]
    assert found == [["TEA-1"], ["TEA-1"]]


def test_a_product_is_told_as_the_contract_says(client: httpx.Client) -> None:
    """Names of the contract, int64 as text, empty fields present, absent messages absent."""
    product = client.get("/v1/products/TEA-1").json()
    assert product["gtins"] == [TEA_GTIN]
    assert product["price"] == {"currency_code": "EUR", "amount_micros": "4990000"}
    assert product["status"] == "PRODUCT_STATUS_ACTIVE"
    assert product["description"] == ""
    assert "try_on_asset" not in product


def test_an_unknown_product_is_not_found(client: httpx.Client) -> None:
    """A resource of its own is 404; in a batch it is left out."""
    alone = client.get("/v1/products/NOPE")
    assert (alone.status_code, alone.json()["reason"]) == (404, "PRODUCT_NOT_FOUND")
    batch = client.get("/v1/products:batchGet", params={"sku": ["NOPE", "TEA-1"]}).json()
    assert [product["sku"] for product in batch["products"]] == ["TEA-1"]


def test_a_read_that_the_caller_has_is_not_sent_again(client: httpx.Client) -> None:
    """The same ETag is a 304 without a body; another is the whole answer."""
    first = client.get("/v1/products/TEA-1")
    assert first.headers["cache-control"] == "no-cache"
    headers = {"If-None-Match": first.headers["etag"]}
    again = client.get("/v1/products/TEA-1", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/v1/products/CUP-1", headers=headers)
    assert other.status_code == 200


def test_a_reference_image_is_its_bytes_for_ever(client: httpx.Client) -> None:
    """Named by its hash, so it may be kept a year; an unknown one is 404."""
    product = client.get("/v1/products/TEA-1").json()
    url = f"/v1/reference-images/{product['reference_images'][0]['id']}"
    image = client.get(url)
    assert image.content == picture(0)
    assert image.headers["content-type"] == "image/jpeg"
    assert image.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get(url, headers={"If-None-Match": image.headers["etag"]}).status_code == 304
    assert client.get(f"/v1/reference-images/{'0' * 64}").status_code == 404


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("4006381333931", "CODE_KIND_GTIN"),
        (TEA_GTIN, "CODE_KIND_GTIN"),
        ("TEA-1", "CODE_KIND_SKU"),
        ("(01)04006381333931(10)ABC", "CODE_KIND_ELEMENT_STRING"),
        ("01040063813339311726063010ABC\x1d21X", "CODE_KIND_ELEMENT_STRING"),
        ("https://id.example.org/01/04006381333931/10/ABC?17=260630", "CODE_KIND_DIGITAL_LINK"),
    ],
)
@pytest.mark.parametrize("how", ["path", "query"])
def test_any_code_finds_its_product(client: httpx.Client, code: str, kind: str, how: str) -> None:
    """In the path, escaped, or in the query."""
    url = f"/v1/lookup/{quote(code, safe='')}" if how == "path" else "/v1/lookup"
    params = {"store": "berlin-1"} | ({} if how == "path" else {"code": code})
    answer = client.get(url, params=params).json()
    assert (answer["code"], answer["kind"]) == (code, kind)
    assert answer["product"]["sku"] == "TEA-1"


def test_a_look_up_says_price_and_stock_in_the_store(client: httpx.Client) -> None:
    """The offer is the store's own; another store has its own."""
    here = client.get(f"/v1/lookup/{TEA_GTIN}", params={"store": "berlin-1"}).json()["offer"]
    there = client.get(f"/v1/lookup/{TEA_GTIN}", params={"store": "munich-1"}).json()["offer"]
    assert (here["price"]["amount_micros"], here["quantity"]) == ("4490000", 7)
    assert here["availability"] == "AVAILABILITY_IN_STOCK"
    assert there["price"]["amount_micros"] == "4990000"
    assert there["availability"] == "AVAILABILITY_UNSPECIFIED"


def test_a_look_up_offers_alternatives(
    client: httpx.Client, needs: Callable[[str], None], until: Callable[..., None]
) -> None:
    """What looks like it, as many as asked for, itself not among them."""
    needs("search")
    url = "/v1/lookup/TEA-1?alternatives=2"
    until(lambda: len(client.get(url).json()["alternatives"]) == 2)
    answer = client.get(url).json()
    assert answer["degraded"] == []
    assert all(item["product"]["sku"].startswith("CUP") for item in answer["alternatives"])
    assert client.get("/v1/lookup/TEA-1?alternatives=0").json()["alternatives"] == []


def test_a_code_that_names_nothing_is_an_empty_answer(client: httpx.Client) -> None:
    """Nothing found is no error; a wrong check digit is said."""
    unknown = client.get("/v1/lookup/96385074").json()
    assert "product" not in unknown
    assert "offer" not in unknown
    assert client.get("/v1/lookup/4006381333930").json()["problem"]


@pytest.mark.parametrize(
    ("url", "status", "reason"),
    [
        ("/v1/lookup/TEA-1?store=nowhere", 404, "STORE_NOT_FOUND"),
        ("/v1/lookup", 422, "CODE_REQUIRED"),
        ("/v1/lookup/TEA-1?alternatives=many", 422, "INVALID_INPUT"),
        ("/v1/lookup/TEA-1?alternatives=21", 422, "INVALID_INPUT"),
        ("/v1/lookup/TEA-1?store=a&store=b", 422, "INVALID_INPUT"),
        ("/v1/lookup/TEA-1?code=CUP-1", 422, "INVALID_INPUT"),
        ("/v1/availability", 422, "INVALID_INPUT"),
        ("/v1/availability?sku=TEA-1&store=nowhere", 404, "STORE_NOT_FOUND"),
        ("/v1/offers", 422, "INVALID_INPUT"),
        ("/v1/offers?sku=TEA-1&store=nowhere", 404, "STORE_NOT_FOUND"),
        ("/v1/products?page_size=ten", 422, "INVALID_INPUT"),
        ("/v1/products?page_size=1_0", 422, "INVALID_INPUT"),
        ("/v1/products?page_size=99999999999", 422, "INVALID_INPUT"),
        ("/v1/products?pagesize=10", 422, "INVALID_INPUT"),
        ("/v1/products?page_token=mine", 422, "PAGE_TOKEN_MALFORMED"),
        ("/v1/search?explain=yes", 422, "INVALID_INPUT"),
        ("/v1/search", 422, "INVALID_INPUT"),
        ("/v1/nothing", 404, "ROUTE_NOT_FOUND"),
        ("/v1/", 404, "ROUTE_NOT_FOUND"),
        ("/nothing/here", 404, "ROUTE_NOT_FOUND"),
    ],
)
def test_what_cannot_be_answered_says_why(
    client: httpx.Client, url: str, status: int, reason: str
) -> None:
    """Problems carry a status, a reason, a sentence and the request's id."""
    response = client.get(url)
    problem = response.json()
    assert (response.status_code, problem["reason"]) == (status, reason)
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]


def test_a_wrong_parameter_is_named(client: httpx.Client) -> None:
    """The violation carries the name that the caller wrote."""
    problem = client.get("/v1/search?text=tea&top_k=lots").json()
    assert problem["violations"] == [{"field": "top_k", "description": "must be a whole number"}]


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/v1/consent", rb'{"\ud800": 1}'),
        ("/v1/consent", rb'{"shopper_id": "\uDBFF"}'),
        ("/v1/consent", b'{"shopper_id": "\xed\xa0\x80"}'),
        ("/v1/search", rb'{"text": "\ud800"}'),
        ("/v1/lookup:batch", rb'{"codes": ["\ud800"]}'),
        ("/v1/lookup:batch", rb'{"\ud800": 1}'),
    ],
)
def test_what_is_no_text_is_refused(client: httpx.Client, url: str, body: bytes) -> None:
    """JSON can carry half a character; no store can, and no answer repeats it."""
    response = client.post(url, content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["reason"]) == (400, "BODY_UNREADABLE")


@pytest.mark.parametrize(
    ("method", "url", "allowed"),
    [
        ("DELETE", "/v1/search", "GET, POST, HEAD"),
        ("GET", "/v1/lookup:batch", "POST"),
        ("PUT", "/v1/products/TEA-1", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("POST", "/scan", "GET, HEAD"),
        ("DELETE", "/samples/shelf%2001.jpg", "GET, HEAD"),
        ("TRACE", "/v1/stores", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    client: httpx.Client, method: str, url: str, allowed: str
) -> None:
    """405 with Allow, by RFC 9110."""
    response = client.request(method, url)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert response.json()["reason"] == "METHOD_NOT_ALLOWED"


def test_many_codes_are_looked_up_at_once(client: httpx.Client) -> None:
    """In the order asked, each with its offer; a wrong one harms none."""
    asked = {"codes": ["CUP-1", "4006381333930", TEA_GTIN], "store": "berlin-1"}
    answers = client.post("/v1/lookup:batch", json=asked).json()["answers"]
    assert [answer["code"] for answer in answers] == asked["codes"]
    assert [answer.get("offer", {}).get("quantity") for answer in answers] == [0, None, 7]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"codes": []},
        {"codes": ["x"] * 101},
        {"codes": [7]},
        {"codes": ["x"], "shop": "berlin-1"},
        {"codes": [""]},
        {"codes": ["x" * 2001]},
    ],
)
def test_a_wrong_batch_is_refused_whole(client: httpx.Client, asked: dict[str, object]) -> None:
    """422, and the violation names the field."""
    response = client.post("/v1/lookup:batch", json=asked)
    assert response.status_code == 422
    assert response.json()["violations"][0]["field"].startswith(("codes", "code", "shop"))


def test_words_find_a_product(client: httpx.Client, needs: Callable[[str], None]) -> None:
    """GET, so that a search can be a link."""
    needs("search")
    assert found_sku(client.get("/v1/search?text=green+tea&store=berlin-1")) == "TEA-1"


def test_the_index_says_how_far_it_is(client: httpx.Client, needs: Callable[[str], None]) -> None:
    """One to one with the contract."""
    needs("search")
    assert client.get("/v1/index-status").json()["state"].startswith("INDEX_STATE_")


def test_a_service_that_is_away_is_named_but_not_its_address(shop: Shop) -> None:
    """503 with Retry-After, and nothing of the inside."""
    away = shop.with_backends_away()
    with away as url, httpx.Client(base_url=url) as client:
        response = client.get("/v1/products")
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"
        assert response.json()["detail"] == "the service catalog does not answer"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_a_long_answer_is_whole(client: httpx.Client, shop: Shop) -> None:
    """Written beside the event loop, it is the same answer, with its ETag."""
    many = [
        catalog_pb2.Product(sku=f"LONG-{n}", title="Long", description="x" * 9000)
        for n in range(20)
    ]
    shop.run(shop.upsert(many))
    try:
        response = client.get("/v1/products?query=LONG-")
        assert [item["sku"] for item in response.json()["products"]] == sorted(
            product.sku for product in many
        )
        etag = {"If-None-Match": response.headers["etag"]}
        assert client.get("/v1/products?query=LONG-", headers=etag).status_code == 304
    finally:
        shop.run(shop.delete([product.sku for product in many]))
