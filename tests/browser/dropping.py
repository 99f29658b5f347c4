"""Dropping files on a page, as a person does with a mouse."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Page

_TRANSFER = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}"""


def drop_file(page: Page, selector: str, path: Path, mime_type: str) -> None:
    """Drop a file on what ``selector`` names: a drag over it, then the drop."""
    data = base64.b64encode(path.read_bytes()).decode()
    transfer = page.evaluate_handle(_TRANSFER, [path.name, mime_type, data])
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(selector, event, {"dataTransfer": transfer})
