"""The image is built from what it says, as far as that shows without a Docker engine."""

from __future__ import annotations

import re

from tests.servers import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()


def copied() -> list[str]:
    """What the builder copies from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def test_what_is_copied_exists_and_is_sent_to_the_builder() -> None:
    """Every COPY names a thing in the repository that .dockerignore lets through."""
    assert copied()
    for name in copied():
        assert (REPOSITORY / name).exists(), name
        assert f"!{name}" in IGNORED, name


def test_nothing_else_is_sent_to_the_builder() -> None:
    """The ignore file starts from nothing; what it lets in is used."""
    rules = [line for line in IGNORED if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied())


def test_it_runs_as_a_numeric_user() -> None:
    """Kubernetes can check runAsNonRoot only for a number; it is the manifests' one."""
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]
    assert DOCKERFILE.index("USER ") < DOCKERFILE.index("ENTRYPOINT")


def test_base_images_are_pinned() -> None:
    """Each stage starts from a tagged image, none from latest."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.search(r":\d", base) for base in bases)


def test_the_manifests_images_are_named() -> None:
    """Each service that is deployed has its line in the instructions."""
    named = re.findall(r"SERVICE=([a-z_]+) +--tag vitrine/([a-z-]+):", DOCKERFILE)
    deployed = {path.stem for path in (REPOSITORY / "k8s" / "base").glob("*.yaml")}
    assert {tag for _, tag in named} == deployed - {"kustomization", "namespace", "network"}
    assert all(package.replace("_", "-") == tag for package, tag in named)


def test_pose_carries_its_models() -> None:
    """They are got when the image is built: no pod has a way to fetch them."""
    assert 'RUN if [ "$SERVICE" = pose ]; then vitrine models; fi' in DOCKERFILE
    assert DOCKERFILE.index("VITRINE_STATE_DIR") < DOCKERFILE.index("vitrine models")


def test_the_service_gets_the_signals() -> None:
    """The shell gives way to Python, so that SIGTERM stops the server cleanly."""
    entrypoint = re.search(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    assert entrypoint is not None
    assert '"exec python -m services.$SERVICE"' in entrypoint[1]
