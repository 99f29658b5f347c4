"""Secrets, and what development and production have of their own."""

from __future__ import annotations

import pytest
import redis

from tests.k8s.rendering import (
    STATE,
    containers,
    named,
    pod,
    rendered,
    workloads,
)
from tests.servers import ServerMissing, redis_server


def test_production_holds_no_secret() -> None:
    """Secrets of production are made by the operator, never in a file of ours."""
    assert named(rendered("production"), "Secret") == {}


def test_production_takes_the_database_from_a_secret() -> None:
    """The catalogue does not start on SQLite by accident."""
    variables = {v["name"]: v for v in containers(rendered("production"))["catalog"]["env"]}
    reference = variables["VITRINE_CATALOG_URL"]["valueFrom"]["secretKeyRef"]
    assert reference == {"name": "vitrine", "key": "catalog-url"}


def test_production_checks_consent_with_the_operators_keys() -> None:
    """Pods with a development key each would refuse one another's tokens."""
    spec = pod(workloads(rendered("production"))["pose"])
    (keys,) = (v for v in spec["containers"][0]["env"] if v["name"] == "VITRINE_CONSENT_KEYS")
    (volume,) = (v for v in spec["volumes"] if v["name"] == "consent")
    assert keys["value"] == f"{STATE}/consent/keys.json"
    assert volume == {"name": "consent", "secret": {"secretName": "vitrine-consent"}}


def test_development_runs_one_pose() -> None:
    """Its key is its own."""
    scaler = named(rendered("development"), "HorizontalPodAutoscaler")["pose"]["spec"]
    assert scaler["maxReplicas"] == 1


def test_development_secrets_are_found() -> None:
    """Every key that a container wants is in the generated Secret."""
    manifests = rendered("development")
    secrets = named(manifests, "Secret")
    for container in containers(manifests).values():
        for variable in container.get("env", []):
            wanted = variable.get("valueFrom", {}).get("secretKeyRef")
            if wanted:
                assert wanted["key"] in secrets[wanted["name"]]["data"]


def test_redis_starts_with_its_arguments() -> None:
    """A real redis-server takes the manifest's arguments and serves with the password."""
    container = containers(rendered("development"))["redis"]
    assert container["command"] == ["redis-server"]
    arguments = [a.replace("$(REDIS_PASSWORD)", "development") for a in container["args"]]
    try:
        with redis_server("development", *arguments) as server:
            with redis.Redis.from_url(server.url) as client:
                policy = client.config_get("maxmemory-policy")
            assert policy == {"maxmemory-policy": "allkeys-lru"}
    except ServerMissing as missing:
        pytest.skip(str(missing))
