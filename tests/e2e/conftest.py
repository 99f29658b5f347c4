"""One running Vitrine with the demo catalogue for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shop import Shop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Vitrine with the demo catalogue, started once."""
    with running_shop(tmp_path_factory.mktemp("shop"), "--demo", "demo") as running:
        yield running
