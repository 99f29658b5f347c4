"""The whole service over a real channel, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import grpc.aio
import pytest

from shared.errors import InvalidInput, NotFound, VitrineError
from shared.status import from_rpc_error
from tests.catalog.making import jpeg, send_images, send_products, stream
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1 import types_pb2

PRODUCT = pb.Product(
    sku="GLS-104",
    gtins=["04006381333931"],
    title="Panto glasses",
    brand="Spree",
    description="Round",
    category_path=["Apparel", "Glasses"],
    attributes={"color": "tortoise"},
    price=types_pb2.Money(currency_code="EUR", amount_micros=119_000_000),
    item_group_id="panto",
    dimensions=types_pb2.Dimensions(width_mm=142.5, height_mm=50, depth_mm=145),
    try_on_asset=pb.TryOnAsset(
        kind=pb.TRY_ON_KIND_GLASSES,
        uri="x.png",
        width_mm=142.1,
        points={"bridge": types_pb2.Point(x=0.5, y=0.3676)},
    ),
    status=pb.PRODUCT_STATUS_ARCHIVED,
    link="https://shop.example/p",
)


async def refused(call: Any) -> VitrineError:
    """The error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return from_rpc_error(failure.value)


async def test_a_product_goes_there_and_back(stub: Any) -> None:
    """Every field, floats included, is what was sent."""
    reply = await send_products(stub, PRODUCT)
    assert (reply.upserted, reply.unchanged, reply.revision) == (1, 0, 1)
    got = await stub.BatchGetProducts(pb.BatchGetProductsRequest(skus=["x", "GLS-104"]))
    (found,) = got.products
    assert found.revision == 1
    found.ClearField("revision")
    assert found == PRODUCT
    again = await send_products(stub, found)
    assert (again.unchanged, again.revision) == (1, 1)


async def test_absent_fields_come_back_absent(stub: Any) -> None:
    """No price is not a price of 0."""
    await send_products(stub, pb.Product(sku="A", title="A"))
    (found,) = (await stub.BatchGetProducts(pb.BatchGetProductsRequest(skus=["A"]))).products
    absent = [found.HasField(name) for name in ("price", "dimensions", "try_on_asset")]
    assert (absent, found.status) == ([False] * 3, pb.PRODUCT_STATUS_ACTIVE)


async def test_a_number_that_no_enum_knows_is_rejected(stub: Any) -> None:
    """By itself, with its field."""
    wrong = pb.Product(sku="A", title="A", status=77)
    worn = pb.Product(sku="B", title="B", try_on_asset=pb.TryOnAsset(kind=0, uri="x"))
    reply = await send_products(stub, wrong, PRODUCT, worn)
    assert [(r.index, r.field, r.reason) for r in reply.rejections] == [
        (0, "status", "STATUS_MALFORMED"),
        (2, "try_on_asset.kind", "TRY_ON_ASSET_MALFORMED"),
    ]
    assert reply.upserted == 1


async def test_a_mask_changes_one_field(stub: Any) -> None:
    """And an asterisk means the whole product."""
    await send_products(stub, PRODUCT)
    change = pb.UpsertProductsRequest(product=pb.Product(sku="GLS-104", title="New"))
    change.update_mask.paths.append("title")
    await stub.UpsertProducts(stream([change]))
    (found,) = (await stub.BatchGetProducts(pb.BatchGetProductsRequest(skus=["GLS-104"]))).products
    assert (found.title, found.brand) == ("New", "Spree")
    change.update_mask.paths[:] = ["*"]
    await stub.UpsertProducts(stream([change]))
    (found,) = (await stub.BatchGetProducts(pb.BatchGetProductsRequest(skus=["GLS-104"]))).products
    assert (found.title, found.brand) == ("New", "")


async def test_items_may_come_several_a_message(stub: Any) -> None:
    """As if each came in a message of its own: numbered, stored or rejected by itself."""
    several = pb.UpsertProductsRequest(product=PRODUCT)
    several.further.add(product=pb.Product(sku="B"))
    several.further.add(product=pb.Product(sku="C", title="C"))
    last = pb.UpsertProductsRequest(product=pb.Product(sku="D"))
    reply = await stub.UpsertProducts(stream([several, last]))
    assert (reply.upserted, [r.index for r in reply.rejections]) == (2, [1, 3])
    images = pb.UpsertReferenceImagesRequest(sku="C", view="1", data=jpeg(1))
    images.further.add(sku="C", view="2", data=b"rubbish")
    images.further.add(sku="C", view="3", data=jpeg(3))
    told = await stub.UpsertReferenceImages(stream([images]))
    assert (told.stored, [r.index for r in told.rejections]) == (2, [1])


async def test_further_items_have_no_further_ones(stub: Any) -> None:
    """The stream is malformed then; the field is named."""
    nested = pb.UpsertProductsRequest(product=PRODUCT)
    nested.further.add(product=PRODUCT).further.add(product=PRODUCT)
    error = await refused(stub.UpsertProducts(stream([nested])))
    assert isinstance(error, InvalidInput)
    assert error.violations[0].field == "further"


@pytest.mark.parametrize(
    ("code", "kind", "gtin", "found"),
    [
        ("4006381333931", pb.CODE_KIND_GTIN, "04006381333931", True),
        ("(01)04006381333931(10)A", pb.CODE_KIND_ELEMENT_STRING, "04006381333931", True),
        ("https://x.org/01/04006381333931", pb.CODE_KIND_DIGITAL_LINK, "04006381333931", True),
        ("GLS-104", pb.CODE_KIND_SKU, "", True),
        ("96385074", pb.CODE_KIND_GTIN, "00000096385074", False),
        ("nothing", pb.CODE_KIND_UNSPECIFIED, "", False),
    ],
)
async def test_a_code_finds_its_product(
    stub: Any, code: str, kind: int, gtin: str, found: bool
) -> None:
    """Archived ones too; what is valid but unknown gives an empty product."""
    await send_products(stub, PRODUCT)
    reply = await stub.LookupCode(pb.LookupCodeRequest(code=code))
    assert (reply.kind, reply.gtin, reply.HasField("product")) == (kind, gtin, found)
    assert bool(reply.problem) == (kind == pb.CODE_KIND_UNSPECIFIED)


async def test_a_code_with_a_wrong_check_digit_is_answered(stub: Any) -> None:
    """With the problem and no GTIN."""
    reply = await stub.LookupCode(pb.LookupCodeRequest(code="4006381333930"))
    assert (reply.kind, reply.gtin) == (pb.CODE_KIND_GTIN, "")
    assert reply.problem == "check digit is 0, expected 1"


async def test_products_are_listed_in_pages(stub: Any) -> None:
    """Tokens lead from page to page; the last has none."""
    await send_products(stub, *(pb.Product(sku=f"S{i}", title="x") for i in range(5)))
    request, pages = pb.ListProductsRequest(page_size=2), []
    while not pages or request.page_token:
        reply = await stub.ListProducts(request)
        pages.append([product.sku for product in reply.products])
        request.page_token = reply.next_page_token
    assert pages == [["S0", "S1"], ["S2", "S3"], ["S4"]]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.ListProductsRequest(page_token="made up"), "PAGE_TOKEN_MALFORMED"),
        (pb.ListProductsRequest(page_token="AAAA"), "PAGE_TOKEN_MALFORMED"),
        (pb.ListProductsRequest(page_size=-1), "PAGE_SIZE_OUT_OF_RANGE"),
        (pb.ListProductsRequest(page_size=1001), "PAGE_SIZE_OUT_OF_RANGE"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    stub: Any, request_: pb.ListProductsRequest, reason: str
) -> None:
    """Naming the field."""
    error = await refused(stub.ListProducts(request_))
    assert isinstance(error, InvalidInput)
    assert (error.reason, len(error.violations)) == (reason, 1)


async def test_products_are_deleted(stub: Any) -> None:
    """Unknown SKUs are ignored."""
    await send_products(stub, PRODUCT)
    reply = await stub.DeleteProducts(pb.DeleteProductsRequest(skus=["GLS-104", "x"]))
    assert (reply.deleted, reply.revision) == (1, 2)


async def test_an_offer_says_what_it_costs_and_whether_it_is_here(stub: Any) -> None:
    """Stores, stock, prices and offers over the wire."""
    await send_products(stub, PRODUCT, pb.Product(sku="B", title="B"))
    await stub.UpsertStores(pb.UpsertStoresRequest(stores=[pb.Store(id="berlin", name="Berlin")]))
    levels = [
        pb.StockLevel(sku="GLS-104", store_id="berlin", quantity=3),
        pb.StockLevel(sku="B", store_id="berlin", quantity=0),
    ]
    assert (await stub.SetStock(pb.SetStockRequest(levels=levels))).updated == 2
    app = types_pb2.Money(currency_code="EUR", amount_micros=5)
    price = pb.ChannelPrice(sku="GLS-104", channel="app", price=app)
    assert (await stub.SetPrices(pb.SetPricesRequest(prices=[price]))).updated == 1
    request = pb.GetOffersRequest(skus=["B", "x", "GLS-104"], store_id="berlin", channel="app")
    b, glasses = (await stub.GetOffers(request)).offers
    assert (b.sku, b.availability, b.HasField("price")) == (
        "B",
        pb.AVAILABILITY_OUT_OF_STOCK,
        False,
    )
    assert (glasses.availability, glasses.quantity) == (pb.AVAILABILITY_IN_STOCK, 3)
    assert (glasses.price, glasses.HasField("stock_time")) == (app, True)
    listed = await stub.ListStock(pb.ListStockRequest(store_id="berlin"))
    assert list(listed.levels) == [levels[0]]
    assert (await stub.ListStores(pb.ListStoresRequest())).stores[0].name == "Berlin"


async def test_an_unknown_store_is_a_named_resource(stub: Any) -> None:
    """NOT_FOUND with ResourceInfo."""
    error = await refused(stub.GetOffers(pb.GetOffersRequest(skus=["A"], store_id="nope")))
    assert isinstance(error, NotFound)
    assert error.resource is not None
    assert (error.resource.type, error.resource.name) == ("store", "nope")


async def test_the_status_counts(stub: Any) -> None:
    """Archived products included."""
    await send_products(stub, PRODUCT)
    await send_images(stub, ("GLS-104", "", jpeg()))
    status = await stub.GetCatalogStatus(pb.GetCatalogStatusRequest())
    assert status == pb.GetCatalogStatusResponse(
        revision=2, products=1, reference_images=1, stores=0, catalog_id=status.catalog_id
    )
    other = pb.WatchChangesRequest(catalog_id=status.catalog_id[:-1])
    assert (await refused(stub.WatchChanges(other).read())).reason == "CATALOG_CHANGED"


async def test_products_that_can_be_tried_on_are_listed(stub: Any) -> None:
    """Any of them, or those of some kinds; titles that look like assets do not count."""
    worn = {
        "GLS": pb.TRY_ON_KIND_GLASSES,
        "HAT": pb.TRY_ON_KIND_HAT,
        "LIP": pb.TRY_ON_KIND_LIPSTICK,
    }
    made = [
        pb.Product(
            sku=sku,
            title=sku,
            try_on_asset=pb.TryOnAsset(
                kind=kind,
                uri="" if sku == "LIP" else 'a,"kind":"hat",.png',
                color="#aa0000" if sku == "LIP" else "",
            ),
        )
        for sku, kind in worn.items()
    ]
    await send_products(stub, *made, pb.Product(sku="TEA", title='x,"kind":"glasses",x'))

    async def listed(**wanted: Any) -> list[str]:
        reply = await stub.ListProducts(pb.ListProductsRequest(**wanted))
        return [product.sku for product in reply.products]

    assert await listed(try_on=True) == ["GLS", "HAT", "LIP"]
    assert await listed(try_on_kinds=[pb.TRY_ON_KIND_GLASSES]) == ["GLS"]
    kinds = [pb.TRY_ON_KIND_HAT, pb.TRY_ON_KIND_LIPSTICK]
    assert await listed(try_on=True, try_on_kinds=kinds) == ["HAT", "LIP"]
    assert await listed(try_on_kinds=[pb.TRY_ON_KIND_RING]) == []
    error = await refused(stub.ListProducts(pb.ListProductsRequest(try_on_kinds=[0])))
    assert error.violations[0].field == "try_on_kinds"
