"""Short ways to make the domain's values in tests."""

from services.scanning.asking import Named, Product, Recognition, Source
from services.scanning.codes import Code
from services.scanning.evidence import Candidate, Look, NamedCode
from shared.errors import Unavailable


def quad(left=0.4, top=0.4, right=0.6, bottom=0.5):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def code(text="4006381333931", symbology="EAN-13", at=None):
    """A code that was read; ``at`` is its box."""
    lookup = text.zfill(14) if symbology.startswith(("EAN", "UPC")) else text
    return Code(text, symbology, lookup, quad(*at) if at else quad())


def named(sku="", text="4006381333931", at=None, symbology="EAN-13"):
    """A code that the catalogue names."""
    read = code(text, symbology, at)
    return NamedCode(read, read.lookup if read.is_trade_item else "", sku)


def look(unknown=0.0, **probabilities: float):
    """What appearance says: ``look(TEA=0.9, JAM=0.05)``."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    return Look(tuple(Candidate(sku, p, similarity=0.9) for sku, p in ranked), unknown)


def product(sku, *gtins: str):
    return Product(sku, gtins, f"packed {sku}".encode())


class FakeCatalog:
    """A catalogue in memory, with the GTINs and SKUs of its products."""

    def __init__(self, *products: Product) -> None:
        self.all = {one.sku: one for one in products}
        self.asked = []
        self.away = False

    async def look_up(self, text):
        self._check()
        self.asked.append(text)
        found = [p for p in self.all.values() if text in p.gtins or text == p.sku]
        return Named(text if text.isdigit() else "", found[0] if found else None)

    async def products(self, skus):
        self._check()
        return [self.all[sku] for sku in skus if sku in self.all]

    def _check(self):
        if self.away:
            raise Unavailable("the catalogue is away")


class FakeVisualSearch:
    """Answers each region with the same look, or with what ``looks`` gives in turn."""

    def __init__(self, always=None) -> None:
        self.always = always or look(unknown=1.0)
        self.asked = []
        self.verified = []
        self.away = False
        self.looks = []

    async def recognize(self, image, regions, *, verify, find):
        if self.away:
            raise Unavailable("visual search is away")
        self.asked.append(regions)
        self.verified.append(verify)
        answer = self.looks.pop(0) if self.looks else self.always
        return Recognition(
            (answer,) * len(regions), Source("model", "ab", 7, "g1"), {"embed": 1.0, "total": 2.0}
        )
