"""Every overlay renders to manifests that a cluster takes."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.k8s.rendering import (
    K8S,
    OLDEST,
    Manifest,
    workloads,
)


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_every_manifest_is_valid(manifests: list[Manifest], version: str) -> None:
    """Strictly: an unknown field is an error, in the oldest and the newest version."""
    assert len(manifests) > 15
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_an_unknown_field_would_be_refused(manifests: list[Manifest]) -> None:
    """The schemas are strict: a misspelt field does not pass."""
    workload = next(iter(workloads(manifests).values()))
    wrong = {**workload, "spec": {**workload["spec"], "replicass": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


@pytest.mark.parametrize(
    "path", sorted(p for p in K8S.rglob("*.yaml")), ids=lambda p: str(p.relative_to(K8S))
)
def test_every_file_is_yaml(path: Any) -> None:
    """Each file parses, without kubectl too, and each document says what it is."""
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert document["apiVersion"]
        assert document["kind"]
