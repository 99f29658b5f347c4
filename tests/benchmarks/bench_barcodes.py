"""Codes read in ZXing's blackbox photos: ours against zxing-cpp's own best settings.

``python -m tests.benchmarks.bench_barcodes`` prints one row a folder and exits with 1
when a folder reads fewer than zxing-cpp's best settings do, or when a picture that
holds no code yields one that zxing-cpp does not see.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import zxingcpp
from rich.console import Console
from rich.progress import track
from rich.table import Table

from services.scanning.barcodes import read_codes
from shared.gtin import expand_upc_e

DATA = Path(os.environ.get("VITRINE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
BINARIZERS = ("LocalAverage", "GlobalHistogram", "FixedThreshold")


@dataclass(slots=True)
class Row:
    """What one folder gave.

    Attributes:
        folder: its name; the symbology.
        images: pictures in it.
        zxing: pictures read right by each of zxing-cpp's settings.
        zxing_seen: codes seen by any of zxing-cpp's settings, right or not.
        ours: pictures read right by us.
        ours_seen: codes that we saw, right or not.
        zxing_ms: milliseconds a picture of zxing-cpp's default settings.
        ours_ms: milliseconds a picture of ours.
    """

    folder: str
    images: int = 0
    zxing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BINARIZERS, 0))
    zxing_seen: int = 0
    ours: int = 0
    ours_seen: int = 0
    zxing_ms: float = 0.0
    ours_ms: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether we read at least what zxing-cpp reads, and invent nothing."""
        if self.folder.startswith("falsepositives"):
            return self.ours_seen <= self.zxing_seen
        return self.ours >= max(self.zxing.values())


def truth_of(image: Path) -> str | None:
    """The content of a picture in the form of ``Code.lookup``; None if it holds no code."""
    file = image.with_suffix(".txt")
    if not file.exists():
        return None
    text = file.read_text("utf-8", "replace").replace("\r\n", "\n").strip()
    if image.parent.name.startswith("upce"):
        text = expand_upc_e(text)
    retail = image.parent.name.startswith(("ean", "upc", "rss14"))
    return text.zfill(14) if retail else text


def comparable(text: str) -> str:
    """Bring a code to the form of the truth: GTIN in 14 digits, one kind of line end."""
    if text.startswith("(01)") and len(text) == 18:
        text = text[4:]
    if len(text) == 16 and text.startswith("01") and text.isdigit():
        text = text[2:]
    digits = text.isdigit() and len(text) in (8, 12, 13)
    return text.zfill(14) if digits else text.replace("\r\n", "\n").strip()


def measure(folder: Path) -> Row:
    """Read all pictures of a folder both ways."""
    row = Row(folder.name)
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".png", ".jpg")):
        image = cv2.imread(str(path))
        truth = truth_of(path)
        row.images += 1
        _measure_zxing(row, cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), truth)
        start = time.perf_counter()
        codes = read_codes(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        row.ours_ms += (time.perf_counter() - start) * 1e3
        row.ours_seen += len(codes)
        row.ours += truth in {comparable(code.lookup) for code in codes}
    return row


def _measure_zxing(row: Row, grey: object, truth: str | None) -> None:
    seen = set()
    for name in BINARIZERS:
        start = time.perf_counter()
        barcodes = zxingcpp.read_barcodes(grey, binarizer=getattr(zxingcpp.Binarizer, name))
        row.zxing_ms += (time.perf_counter() - start) * 1e3 / len(BINARIZERS)
        texts = {comparable(barcode.text) for barcode in barcodes}
        row.zxing[name] += truth in texts
        seen |= texts
    row.zxing_seen += len(seen)


def print_table(rows: list[Row]) -> None:
    """Print one line a folder."""
    table = Table(title="codes read, pictures", title_justify="left")
    for heading in ("folder", "pictures", "zxing-cpp", "ours", "zxing ms", "ours ms", "holds"):
        table.add_column(heading, justify="left" if heading == "folder" else "right")
    for row in rows:
        false_ones = row.folder.startswith("falsepositives")
        best = f"{row.zxing_seen} false" if false_ones else str(max(row.zxing.values()))
        ours = f"{row.ours_seen} false" if false_ones else str(row.ours)
        ms = [f"{total / max(row.images, 1):.1f}" for total in (row.zxing_ms, row.ours_ms)]
        table.add_row(
            row.folder, str(row.images), best, ours, *ms, "yes" if row.holds else "[red]NO[/red]"
        )
    Console().print(table)


def main() -> int:
    """Measure, print, and say by the exit status whether the promise holds."""
    folders = sorted(path for path in (DATA / "barcodes").glob("*") if path.is_dir())
    if not folders:
        print(f"bench_barcodes: no pictures under {DATA / 'barcodes'}; set VITRINE_DATA")
        return 0
    cv2.setNumThreads(1)
    rows = [measure(folder) for folder in track(folders, "reading", transient=True)]
    print_table(rows)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
