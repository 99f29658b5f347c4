"""The canonical face: an average head's shape, which poses are measured against.

MediaPipe's model (Apache-2.0; ``make_canonical_face`` transcribes it) in millimetres, x to
the person's left, y down, z away from a camera in front. To its 468 vertices ours adds the
ten points of the irises, in the order of MediaPipe's landmarks, and the parts of a head that
the mesh lacks: ears and skull.
"""

from __future__ import annotations

import json
from importlib import resources

import numpy as np

from services.pose.placement.types import Floats, Indices

IRIS_DIAMETER_MM = 11.7
"""Mean horizontal visible iris diameter of adults (Rüfer et al., Cornea 24(3), 2005)."""
EYE_CONTOURS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
"""Rings of the person's right and left eye (MediaPipe face_mesh_connections)."""
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Ring around the face, from the forehead to the person's left (MediaPipe)."""
TEMPLES = (127, 356)
"""Landmarks at the temples, the person's right and left."""
IRIS_MIRROR = (5, 8, 7, 6, 9, 0, 3, 2, 1, 4)
"""Where each of the ten iris points is in a mirror image."""


def _load() -> tuple[Floats, Indices, Floats]:
    text = resources.files(__package__).joinpath("canonical_face.json").read_text("utf-8")
    data = json.loads(text)
    weights = np.zeros(468)
    for index, weight in data["procrustes_weights"].items():
        weights[int(index)] = weight
    return (
        np.array(data["vertices_mm"], np.float64),
        np.array(data["triangles"], np.int32),
        weights / weights.sum(),
    )


def _irises(mesh_mm: Floats) -> Floats:
    """Iris points (10, 3): centre, +x, top, -x, bottom of the right and of the left eye."""
    radius = IRIS_DIAMETER_MM / 2
    ring = np.array([(0, 0, 0), (1, 0, 0), (0, -1, 0), (-1, 0, 0), (0, 1, 0)]) * radius
    # The cornea stands out to about the plane of the lids.
    centres = [mesh_mm[list(ring_)].mean(axis=0) for ring_ in EYE_CONTOURS]
    return np.concatenate([centre + ring for centre in centres])


MESH_MM, TRIANGLES, WEIGHTS = _load()
"""Vertices (468, 3), triangles (T, 3), Procrustes weights (468,) that sum to 1."""
POINTS_MM: Floats = np.concatenate([MESH_MM, _irises(MESH_MM)])
"""All 478 points in the order of the landmarks, (478, 3)."""


def _mirror() -> Indices:
    flipped = MESH_MM * (-1, 1, 1)
    nearest = ((flipped[:, None] - MESH_MM[None]) ** 2).sum(axis=-1).argmin(axis=1)
    return np.concatenate([nearest, 468 + np.array(IRIS_MIRROR)]).astype(np.int32)


MIRROR = _mirror()
"""(478,) the landmark that each one becomes in a mirror image."""
