"""The overlays as kubectl renders them, and their parts by name."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from services.cli.stack import MEMBERS, POSE
from tests.servers import REPOSITORY

K8S = REPOSITORY / "k8s"
OVERLAYS = ("development", "production")
OLDEST = "1.30"  # gRPC probes are stable since 1.27, Pod Security since 1.25
STATE = "/var/lib/vitrine"

GATEWAY = "gateway"  # the one that speaks HTTP
SPEAKING_GRPC = (*MEMBERS.values(), POSE)

Manifest = dict[str, Any]


@functools.cache
def rendered(overlay: str) -> list[Manifest]:
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not installed: https://kubernetes.io/docs/tasks/tools/")
    command = [kubectl, "kustomize", str(K8S / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def named(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {m["metadata"]["name"]: m for m in manifests if m["kind"] in kinds}


def workloads(manifests: list[Manifest]) -> dict[str, Manifest]:
    return named(manifests, "Deployment", "StatefulSet")


def pod(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def containers(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {
        container["name"]: container
        for workload in workloads(manifests).values()
        for container in [*pod(workload).get("initContainers", []), *pod(workload)["containers"]]
    }


def settings_given(manifests: list[Manifest]) -> set[str]:
    names = {name for m in named(manifests, "ConfigMap").values() for name in m["data"]}
    for container in containers(manifests).values():
        names |= {variable["name"] for variable in container.get("env", [])}
    return {name for name in names if name.startswith("VITRINE_")}


def mebibytes(quantity: str) -> int:
    """Bytes of a quantity such as 512Mi."""
    return int(quantity.removesuffix("Mi")) << 20


def service_of(container: Manifest) -> str | None:
    """The Python package that a container runs, or None for a part that is not ours."""
    found = re.search(r"(?:^|/)vitrine/([a-z-]+):", container["image"])
    return found[1].replace("-", "_") if found else None
