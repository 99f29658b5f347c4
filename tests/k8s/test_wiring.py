"""What the code says, the manifests say: services, settings, probes, scaling."""

from __future__ import annotations

import importlib.util

import pytest

from shared.config import Settings
from tests.k8s.rendering import (
    GATEWAY,
    SPEAKING_GRPC,
    STATE,
    Manifest,
    containers,
    named,
    service_of,
    settings_given,
    workloads,
)


def test_each_image_is_a_service(manifests: list[Manifest]) -> None:
    """Each of our images names a package in services/, and each service is deployed."""
    packages = {name for c in containers(manifests).values() if (name := service_of(c))}
    assert packages == {m.package.removeprefix("services.") for m in SPEAKING_GRPC} | {GATEWAY}
    for package in packages:
        assert importlib.util.find_spec(f"services.{package}") is not None


def test_settings_exist(manifests: list[Manifest]) -> None:
    """Every VITRINE_ variable is a setting that some code reads."""
    known = {f"VITRINE_{name.upper()}" for name in Settings.model_fields}
    assert settings_given(manifests) <= known


def test_settings_fit(manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch) -> None:
    """The values of the ConfigMap are accepted, and the state is where the volume is."""
    (given,) = named(manifests, "ConfigMap").values()
    for name, value in given["data"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert str(settings.state_dir) == STATE
    assert settings.log_json is True


def test_probes_ask_the_service(manifests: list[Manifest]) -> None:
    """Ready is the service's own health, alive and started the server's, on its port."""
    (given,) = named(manifests, "ConfigMap").values()
    for member in SPEAKING_GRPC:
        name = member.package.removeprefix("services.").replace("_", "-")
        container = containers(manifests)[name]
        listen = given["data"][f"VITRINE_{member.name.upper()}_LISTEN"]
        port = int(listen.rpartition(":")[2])
        assert container["ports"] == [{"containerPort": port, "name": "grpc"}]
        assert container["readinessProbe"]["grpc"] == {"port": port, "service": member.full_name}
        assert container["livenessProbe"]["grpc"] == {"port": port}
        assert container["startupProbe"]["grpc"] == {"port": port}


def test_probes_ask_the_gateway_over_http(manifests: list[Manifest]) -> None:
    """Alive is its own answer; ready is the catalogue's, on the port that it listens on."""
    (given,) = named(manifests, "ConfigMap").values()
    port = int(given["data"]["VITRINE_GATEWAY_LISTEN"].rpartition(":")[2])
    container = containers(manifests)[GATEWAY]
    assert container["ports"] == [{"containerPort": port, "name": "http"}]
    for probe, path in (
        ("startup", "/healthz"),
        ("liveness", "/healthz"),
        ("readiness", "/readyz"),
    ):
        assert container[f"{probe}Probe"]["httpGet"] == {"path": path, "port": "http"}


def test_nobody_imports_over_http(manifests: list[Manifest]) -> None:
    """The gateway that others reach lets nothing be written."""
    (given,) = named(manifests, "ConfigMap").values()
    assert given["data"]["VITRINE_GATEWAY_LISTEN"].startswith("0.0.0.0:")
    assert "VITRINE_GATEWAY_IMPORT" not in settings_given(manifests)
    assert Settings.model_fields["gateway_import"].default == "local"


def test_every_container_is_probed(manifests: list[Manifest]) -> None:
    """Redis too."""
    for name, container in containers(manifests).items():
        assert {"livenessProbe", "readinessProbe"} <= set(container), name


def test_services_are_headless_and_where_clients_look(manifests: list[Manifest]) -> None:
    """Clients resolve all pods: dns:/// addresses of headless Services on their ports."""
    services = named(manifests, "Service")
    (given,) = named(manifests, "ConfigMap").values()
    addresses = [v for name, v in given["data"].items() if name.endswith("_ADDRESS")]
    assert len(addresses) == len(SPEAKING_GRPC)
    for address in addresses:
        host, port = address.removeprefix("dns:///").split(":")
        assert services[host]["spec"]["clusterIP"] == "None"
        assert [p["port"] for p in services[host]["spec"]["ports"]] == [int(port)]


def test_services_select_pods(manifests: list[Manifest]) -> None:
    """Each Service, disruption budget and StatefulSet name finds its pods."""
    labels = {
        name: workload["spec"]["template"]["metadata"]["labels"]
        for name, workload in workloads(manifests).items()
    }
    for name, service in named(manifests, "Service").items():
        assert service["spec"]["selector"].items() <= labels[name].items()
    budgets = named(manifests, "PodDisruptionBudget")
    assert set(budgets) == set(labels)
    for name, budget in budgets.items():
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels[name].items()


@pytest.mark.parametrize("name", ["scanning", "pose"])
def test_what_works_hard_scales(manifests: list[Manifest], name: str) -> None:
    """The autoscaler finds its Deployment, which leaves the number of pods to it."""
    scaler = named(manifests, "HorizontalPodAutoscaler")[name]["spec"]
    target = workloads(manifests)[scaler["scaleTargetRef"]["name"]]
    assert target["kind"] == scaler["scaleTargetRef"]["kind"]
    assert "replicas" not in target["spec"]
    assert 1 <= scaler["minReplicas"] <= scaler["maxReplicas"]


def test_stores_are_per_pod(manifests: list[Manifest]) -> None:
    """The catalogue and each index keep their state over a restart."""
    for name in ("catalog", "visual-search"):
        workload = workloads(manifests)[name]
        assert workload["kind"] == "StatefulSet"
        (claim,) = workload["spec"]["volumeClaimTemplates"]
        assert claim["metadata"]["name"] == "state"
