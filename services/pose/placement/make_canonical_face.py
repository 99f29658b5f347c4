"""Transcribe MediaPipe's canonical face into ``canonical_face.json``.

    python -m services.pose.placement.make_canonical_face FOLDER

``FOLDER`` holds ``canonical_face_model.obj`` and ``geometry_pipeline_metadata_landmarks.pbtxt``
of google-ai-edge/mediapipe (Apache-2.0, mediapipe/modules/face_geometry/data). The model is
in centimetres with y up and z towards the viewer; ours is in millimetres with y down and z
away, as a camera sees it. Run once; the result is committed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

SOURCE = "google-ai-edge/mediapipe, modules/face_geometry/data (Apache-2.0), in mm, y down, z away"


def transcribe(folder: Path) -> dict[str, object]:
    """Vertices, triangles and Procrustes weights of the model in ``folder``."""
    lines = (folder / "canonical_face_model.obj").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines]
    weights = (folder / "geometry_pipeline_metadata_landmarks.pbtxt").read_text("utf-8")
    pairs = re.findall(r"landmark_id: (\d+) weight: ([\d.]+)", weights)
    return {
        "source": SOURCE,
        "vertices_mm": [_vertex(row[1:]) for row in rows if row and row[0] == "v"],
        "triangles": [
            [int(corner.split("/")[0]) - 1 for corner in row[1:]] for row in rows if row[0] == "f"
        ],
        "procrustes_weights": {index: round(float(weight), 9) for index, weight in pairs},
    }


def _vertex(row: list[str]) -> list[float]:
    x, y, z = (10 * float(value) for value in row)
    # Adding zero turns -0.0 into 0.0.
    return [round(x, 4) + 0.0, round(-y, 4) + 0.0, round(-z, 4) + 0.0]


def main() -> None:
    """Write ``canonical_face.json`` beside this module."""
    target = Path(__file__).with_name("canonical_face.json")
    text = json.dumps(transcribe(Path(sys.argv[1])), separators=(",", ":"))
    target.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
