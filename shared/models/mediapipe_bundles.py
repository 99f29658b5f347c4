"""The four ``.task`` bundles that pose needs: their cards, and where they are.

A bundle is a stored zip of a detector and a landmark network. Two editions of most of
them exist: MediaPipe's official one, and ours, assembled from the same networks out of
the pinned wheel (``shared.models.mediapipe_assembly``). Either is good; the hash of the
file says which one it is.

    face      short-range detector: faces within two metres, as in a mirror
    face_far  full-range detector: small and distant faces
    hand      palm detector and 21 landmarks
    body      person detector, 33 landmarks and the person mask
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.errors import NotReady
from shared.models.card import ModelCard, Task, sha256_of

BundleName = Literal["face", "face_far", "hand", "body"]

WHEEL = "mediapipe 0.10.21 from PyPI, assembled"
OFFICIAL = "https://storage.googleapis.com/mediapipe-models"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One bundle: its name and the cards of its editions, official first if there is one."""

    name: BundleName
    cards: tuple[ModelCard, ...]

    @property
    def file(self) -> str:
        """File name in the models folder."""
        return self.cards[0].file


def _card(
    name: BundleName, task: Task, side: int, sha256: str, source: str, notes: tuple[str, ...] = ()
) -> ModelCard:
    edition = "official" if source.startswith(OFFICIAL) else "assembled"
    return ModelCard(
        id=f"mediapipe-{name.replace('_', '-')}-{edition}",
        task=task,
        file=f"{name}_landmarker.task",
        sha256=sha256,
        licence="Apache-2.0",
        source=source,
        trained_on=("Google's own data, see MediaPipe's model cards",),
        input_size=(side, side),
        input_mean=(0.0, 0.0, 0.0),
        input_std=(255.0, 255.0, 255.0),
        input_layout="NHWC",
        fit="pad",
        notes=notes,
    )


def _official(path: str) -> str:
    return f"{OFFICIAL}/{path}"


BUNDLES: dict[BundleName, Bundle] = {
    "face": Bundle(
        "face",
        (
            _card(
                "face",
                "face",
                192,
                "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
                _official("face_landmarker/face_landmarker/float16/1/face_landmarker.task"),
            ),
            _card(
                "face",
                "face",
                192,
                "94dfcf615e3a45d7aceeec05f2fce57d78dac873f78c5f4907d8eb2de41f578a",
                WHEEL,
            ),
        ),
    ),
    "face_far": Bundle(
        "face_far",
        (
            _card(
                "face_far",
                "face",
                192,
                "71c790f39e89861a8ead19198f33d0b56d954cd6324ad894bde896529e7f784f",
                WHEEL,
                ("the full-range detector before the landmarks of the bundle face",),
            ),
        ),
    ),
    "hand": Bundle(
        "hand",
        (
            _card(
                "hand",
                "hand",
                224,
                "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1",
                _official("hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task"),
            ),
            _card(
                "hand",
                "hand",
                224,
                "8e141b849a3281c6ca73bd2cba5f9a0871ec6f2e38b2fad092e8f0f1d6fbf793",
                WHEEL,
            ),
        ),
    ),
    "body": Bundle(
        "body",
        (
            _card(
                "body",
                "body",
                256,
                "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
                _official(
                    "pose_landmarker/pose_landmarker_full/float16/1/pose_landmarker_full.task"
                ),
            ),
            _card(
                "body",
                "body",
                256,
                "dc2603a027aaeb48ed54a1c928d88d38bb8fdd36c5d1fded03e50f0256b9bdb9",
                WHEEL,
            ),
        ),
    ),
}
"""By name. The official hashes are those of version 1, as published files were found to
have by many projects that pin them; the assembled ones are ours."""


@dataclass(frozen=True, slots=True)
class InstalledBundle:
    """A bundle on disk whose hash one of its cards knows."""

    path: Path
    card: ModelCard


def installed_bundle(name: BundleName, folder: Path) -> InstalledBundle:
    """The bundle in ``folder``, its hash checked.

    Raises:
        NotReady: it is missing (``MODEL_MISSING``) or is no edition that we know
            (``MODEL_HASH_MISMATCH``).
    """
    bundle = BUNDLES[name]
    path = folder / bundle.file
    if not path.is_file():
        raise NotReady(
            f"the {name} model is missing: no {path}; run `vitrine models`", reason="MODEL_MISSING"
        )
    found = sha256_of(path)
    for card in bundle.cards:
        if card.sha256 == found:
            return InstalledBundle(path, card)
    raise NotReady(
        f"{path} has SHA-256 {found}, which is no edition that Vitrine knows; "
        "remove it and run `vitrine models`",
        reason="MODEL_HASH_MISMATCH",
    )
