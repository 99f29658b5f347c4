"""Every overlay renders to manifests that a cluster takes, and that keep our rules."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import subprocess
import tomllib
from typing import Any

import kubernetes_validate
import pytest
import redis
import yaml

from services.catalog.importing.uploads import IMPORTS_AT_ONCE
from services.cli.stack import MEMBERS, POSE
from shared.config import Settings
from tests.servers import REPOSITORY, ServerMissing, redis_server

K8S = REPOSITORY / "k8s"
OVERLAYS = ("development", "production")
OLDEST = "1.30"  # gRPC probes are stable since 1.27, Pod Security since 1.25
STATE = "/var/lib/vitrine"

GATEWAY = "gateway"  # the one that speaks HTTP
SPEAKING_GRPC = (*MEMBERS.values(), POSE)

# Who may call whom (DESIGN 1), as far as the services run today.
WIRE = {
    ("gateway", "catalog"),
    ("gateway", "visual-search"),
    ("gateway", "scanning"),
    ("gateway", "pose"),
    ("pose", "catalog"),
    ("visual-search", "catalog"),
    ("scanning", "catalog"),
    ("scanning", "visual-search"),
    ("visual-search", "redis"),
    ("scanning", "redis"),
}

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


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return rendered(request.param)


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


# schemas


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


# what a container may do


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


# what the code says, the manifests say


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


# who talks to whom


def test_nothing_is_allowed_by_default(manifests: list[Manifest]) -> None:
    """One policy selects every pod and allows nothing."""
    spec = named(manifests, "NetworkPolicy")["deny-all"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def edges(manifests: list[Manifest], direction: str) -> set[tuple[str, str, int]]:
    """(caller, called, port) as the policies of one direction allow within the namespace."""
    found = set()
    for owner, policy in named(manifests, "NetworkPolicy").items():
        for rule in policy["spec"].get(direction, []):
            for peer in rule["from" if direction == "ingress" else "to"]:
                if "podSelector" not in peer or "namespaceSelector" in peer:
                    continue
                other = peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                for port in rule["ports"]:
                    pair = (other, owner) if direction == "ingress" else (owner, other)
                    found.add((*pair, port["port"]))
    return found


def test_policies_are_the_wire_graph(manifests: list[Manifest]) -> None:
    """Out of each caller and into each called, exactly the calls of the design."""
    here = set(workloads(manifests)) | {"redis"}
    out = edges(manifests, "egress")
    assert {pair[:2] for pair in out} == {pair for pair in WIRE if set(pair) <= here}
    into = edges(manifests, "ingress")
    assert into == {edge for edge in out if edge[1] in workloads(manifests)}


def test_ports_of_policies_are_those_of_services(manifests: list[Manifest]) -> None:
    """A call is allowed on the port that the called listens on."""
    services = named(manifests, "Service")
    for _, called, port in edges(manifests, "ingress"):
        assert [p["port"] for p in services[called]["spec"]["ports"]] == [port]


def test_there_is_no_way_to_the_internet(manifests: list[Manifest]) -> None:
    """No policy allows an address block that holds public addresses, nor any destination."""
    for policy in named(manifests, "NetworkPolicy").values():
        for rule in policy["spec"].get("egress", []):
            assert rule["to"]
            assert rule["ports"]
            blocks = [peer["ipBlock"]["cidr"] for peer in rule["to"] if "ipBlock" in peer]
            assert all(block.startswith("10.") for block in blocks)


# secrets


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
