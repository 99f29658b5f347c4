"""Static files: by their path, by their name, never from elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from services.gateway.pages import Pages, Samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages, a script, a page's modules, and a secret beside the folder."""
    pages = tmp_path / "pages"
    for name in ("js", "scan"):
        (pages / name).mkdir(parents=True)
    for name in ("index.html", "scan.html", "js/scan.js", "scan/box.js", "app.webmanifest"):
        (pages / name).write_text(name)
    (tmp_path / "secret.html").write_text("secret")
    (pages / "link.html").symlink_to(tmp_path / "secret.html")
    return pages


@pytest.fixture
def client(folder: Path) -> httpx.AsyncClient:
    """A client of these pages only."""
    app = Starlette(
        routes=[
            Route("/samples/{name}", Pages(folder, "samples")),
            Route("/{path:path}", Pages(folder)),
        ]
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x")


@pytest.mark.parametrize(
    ("path", "file", "kind"),
    [
        ("/", "index.html", "text/html"),
        ("/scan", "scan.html", "text/html"),
        ("/scan.html", "scan.html", "text/html"),
        ("/js/scan.js", "js/scan.js", "text/javascript"),
        ("/scan/box.js", "scan/box.js", "text/javascript"),
        ("/app.webmanifest", "app.webmanifest", "application/manifest+json"),
        ("/samples/scan.html", "scan.html", "text/html"),
    ],
)
async def test_a_page_is_found(client: httpx.AsyncClient, path: str, file: str, kind: str) -> None:
    """By its path or its name, with its type, to be revalidated."""
    response = await client.get(path)
    assert (response.status_code, response.text) == (200, file)
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["cache-control"] == "no-cache"


async def test_a_page_that_the_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """304 for the same ETag."""
    etag = (await client.get("/scan")).headers["etag"]
    assert (await client.get("/scan", headers={"If-None-Match": etag})).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../secret.html",
        "/..%2fsecret.html",
        "/js/..%2f..%2fsecret",
        "/%2fetc/passwd",
        "/link",
        "/js",
        "/a%00b",
        "/" + "a" * 5000,
        "/samples/..%2f..%2fsecret.html",
    ],
)
async def test_what_is_not_in_the_folder_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    """No path and no link leads out."""
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("samples", [None, Path("/nowhere")])
def test_without_a_folder_there_are_no_samples(samples: Path | None) -> None:
    """An empty list, not an error."""
    assert Samples(samples).found() == []


def test_samples_are_pictures_and_clips(tmp_path: Path) -> None:
    """Other files are left out; names may need escaping."""
    for name in ("b.png", "a shelf.jpg", "c.mp4", "truth.json", "d.TXT"):
        (tmp_path / name).touch()
    os.utime(tmp_path)
    assert [item["url"] for item in Samples(tmp_path).found()] == [
        "/samples/a%20shelf.jpg",
        "/samples/b.png",
        "/samples/c.mp4",
    ]
