"""Schemathesis reads the OpenAPI document and tries to break what it promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks

from services.gateway.openapi.document import make_document
from services.gateway.transcoding import to_json
from tests.gateway.conftest import Shop

EXAMPLES = 20
_SERVICES = {
    "/v1/scan": "scanning",
    "/v1/tryon:place": "pose",
    "/v1/tryon/textures/{sku}/{texture_id}": "pose",
    "/v1/tryon:render": "pose",
    "/v1/consent": "pose",
    "/v1/consent:withdraw": "shopper",
}
_ENDLESS = "/v1/changes"
_CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
_DOCUMENT = schemathesis.openapi.from_dict(json.loads(to_json(make_document())))
_OPERATIONS = {
    operation.label: operation
    for operation in (found.ok() for found in _DOCUMENT.get_all_operations())
    if operation.path != _ENDLESS
}


_TAKING_ANYTHING = {
    label for label, found in _OPERATIONS.items() if not (found.query or found.body)
}
_RUNS = [
    pytest.param(label, mode, id=f"{label} {mode.value}")
    for label in _OPERATIONS
    for mode in GenerationMode
    if not (mode is GenerationMode.NEGATIVE and label in _TAKING_ANYTHING)
]


@pytest.mark.parametrize(("label", "mode"), _RUNS)
def test_no_request_brings_a_server_error_or_an_undocumented_answer(
    shop: Shop, label: str, mode: GenerationMode
) -> None:
    """Whatever is sent, the answer is one that the document names, and never our fault."""
    operation: Any = _OPERATIONS[label]
    service = _SERVICES.get(operation.path)
    if service and service not in shop.running:
        pytest.skip(f"services.{service} does not run here")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def sent(case: Any) -> None:
        case.call_and_validate(base_url=shop.url, checks=_CHECKS, timeout=30)

    sent()
