"""Who talks to whom: nobody but along the wire graph."""

from __future__ import annotations

from tests.k8s.rendering import (
    Manifest,
    named,
    workloads,
)

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
