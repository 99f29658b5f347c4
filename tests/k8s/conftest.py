"""Each test of the manifests runs on every overlay."""

from __future__ import annotations

import pytest

from tests.k8s.rendering import (
    OVERLAYS,
    Manifest,
    rendered,
)


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return rendered(request.param)
