"""What a container may do: no rights, bounded, on volumes."""

from __future__ import annotations

import re
import tomllib

from services.catalog.importing.uploads import IMPORTS_AT_ONCE
from shared.config import Settings
from tests.k8s.rendering import (
    STATE,
    Manifest,
    containers,
    mebibytes,
    named,
    pod,
    service_of,
    workloads,
)
from tests.servers import REPOSITORY


def test_no_container_has_rights(manifests: list[Manifest]) -> None:
    """Not root, no capabilities, a read-only root file system, the default seccomp profile."""
    for workload in workloads(manifests).values():
        context = pod(workload)["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 9_999
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod(workload)["automountServiceAccountToken"] is False
    for container in containers(manifests).values():
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_namespace_enforces_it(manifests: list[Manifest]) -> None:
    """The namespace refuses pods that ask for more than the restricted profile."""
    labels = named(manifests, "Namespace")["vitrine"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_container_has_requests_and_limits(manifests: list[Manifest]) -> None:
    """CPU, memory and disk are asked for and bounded."""
    for name, container in containers(manifests).items():
        for bound in ("requests", "limits"):
            given = set(container["resources"][bound])
            assert given == {"cpu", "memory", "ephemeral-storage"}, name


def test_images_are_pinned(manifests: list[Manifest]) -> None:
    """Every image has a tag, none is latest, and ours is the version of the distribution."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    for container in containers(manifests).values():
        tag = container["image"].rpartition(":")[2]
        assert re.match(r"\d", tag), container["image"]
        if service_of(container):
            assert tag == project["project"]["version"]


def test_everything_is_in_the_namespace(manifests: list[Manifest]) -> None:
    """Nothing lands in the default namespace."""
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"]["namespace"] == "vitrine", manifest["metadata"]["name"]


def test_writable_paths_are_volumes(manifests: list[Manifest]) -> None:
    """With a read-only root, /tmp is a volume, and so is the state of who keeps any.

    Pose's state folder is the image's own, where its models are, but for the consent keys.
    """
    also = {"pose": {f"{STATE}/consent"}}
    for name, workload in workloads(manifests).items():
        mounts = pod(workload)["containers"][0]["volumeMounts"]
        paths = {mount["mountPath"] for mount in mounts if not mount.get("readOnly")}
        state = {STATE} if workload["kind"] == "StatefulSet" else also.get(name, set())
        assert paths == {"/tmp", *state}, name


def test_every_mount_has_its_volume(manifests: list[Manifest]) -> None:
    """Each name is a volume of the pod or a claim of the set, and each claim exists."""
    claims = named(manifests, "PersistentVolumeClaim")
    for name, workload in workloads(manifests).items():
        volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
        own = {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
        mounted = {mount["name"] for mount in pod(workload)["containers"][0]["volumeMounts"]}
        assert mounted == set(volumes) | own, name
        wanted = [
            v["persistentVolumeClaim"] for v in volumes.values() if "persistentVolumeClaim" in v
        ]
        assert {claim["claimName"] for claim in wanted} <= set(claims)


def test_a_feed_that_is_sent_has_room(manifests: list[Manifest]) -> None:
    """The catalogue's /tmp holds as many feeds as are imported at once."""
    catalog = pod(workloads(manifests)["catalog"])
    (tmp,) = (v["emptyDir"] for v in catalog["volumes"] if v["name"] == "tmp")
    limit = catalog["containers"][0]["resources"]["limits"]["ephemeral-storage"]
    needed = IMPORTS_AT_ONCE * Settings.model_fields["max_feed_bytes"].default
    assert needed < mebibytes(tmp["sizeLimit"]) < mebibytes(limit)
