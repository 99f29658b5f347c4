"""No frame and no word of it leaves the machine: the pose process calls nobody."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.pose.consent import DevelopmentIssuer
from shared.rpc import open_channel
from tests.servers import REPOSITORY, free_port
from vitrine.v1 import pose_pb2 as pb
from vitrine.v1 import pose_pb2_grpc

LOOPBACK = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "::1"')
START_S = 90

UNGUARDED = """
import sys
import numpy as np
from mediapipe.tasks.python import vision
from mediapipe.tasks.python.core.base_options import BaseOptions

options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=sys.argv[1]))
task = vision.FaceLandmarker.create_from_options(options)
task.close()
"""


def traced(trace: Path, *command: str) -> list[str]:
    """The command under strace, which writes every address that is named to ``trace``."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed: apt-get install strace")
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    return [strace, "-f", "-qq", "-e", calls, "-o", str(trace), *command]


def outside(trace: Path) -> list[str]:
    """Internet addresses in a trace, beyond loopback."""
    named = re.findall(r"sa_family=AF_INET.*", trace.read_text(encoding="utf-8"))
    return [call for call in named if not LOOPBACK.search(call)]


def environment(folder: Path) -> dict[str, str]:
    """What a freshly started service sees, at home in ``folder``."""
    clean = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return {**clean, "HOME": str(folder), "PYTHONPATH": str(REPOSITORY)}


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_the_pose_process_connects_to_nobody(
    tmp_path: Path, models_dir: Path, astronaut_jpeg: bytes
):
    """Landmarks of all kinds, a stream and the end of the process: loopback only."""
    (tmp_path / "models").symlink_to(models_dir)
    address = f"127.0.0.1:{free_port()}"
    settings = {"VITRINE_STATE_DIR": str(tmp_path), "VITRINE_POSE_LISTEN": address}
    trace = tmp_path / "trace"
    process = subprocess.Popen(  # noqa: ASYNC220 - started and left alone
        traced(trace, sys.executable, "-m", "services.pose"),
        env=environment(tmp_path) | settings,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await _look_around(address, tmp_path, astronaut_jpeg)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    assert "AF_INET" in trace.read_text(encoding="utf-8")  # the trace sees what there is
    assert outside(trace) == []


async def _look_around(address: str, state: Path, image: bytes) -> None:
    token, _ = DevelopmentIssuer.open(state / "consent").issue("anna", ["pose"], 600)
    kinds = [pb.LANDMARK_KIND_FACE, pb.LANDMARK_KIND_HAND, pb.LANDMARK_KIND_BODY]
    request = pb.EstimateLandmarksRequest(consent_token=token, image=image, kinds=kinds)
    async with open_channel(address) as channel:
        pose = pose_pb2_grpc.PoseServiceStub(channel)
        reply = await pose.EstimateLandmarks(request, timeout=START_S, wait_for_ready=True)
    assert len(reply.faces) == 1


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_mediapipe_reports_where_it_is_not_stopped(tmp_path: Path, models_dir: Path):
    """Through a proxy of ours, which lets nothing out, it asks for its metrics host.

    So the test above watches something that happens; when this one fails one day,
    MediaPipe has changed its ways and the guard should be looked at again.
    """
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(60)
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        child = subprocess.Popen(
            [sys.executable, "-c", UNGUARDED, str(models_dir / "face_landmarker.task")],
            env=environment(tmp_path) | {"https_proxy": url, "http_proxy": url},
            stderr=subprocess.DEVNULL,
        )
        try:
            connection, _ = proxy.accept()
            with connection:
                assert connection.recv(100).startswith(b"CONNECT play.googleapis.com")
        finally:
            child.kill()
            child.wait(10)


def test_logs_of_a_stream_hold_no_landmark_and_no_token(tmp_path: Path):
    """Nothing that a person sent is in a log line, whatever its name."""
    from shared.privacy import redact

    event = {"event": "refused", "consent_token": "eyJ", "landmarks": [[0.1, 0.2]], "image": b"x"}
    told = json.dumps(redact(None, "info", dict(event)), default=str)
    assert "eyJ" not in told
    assert "0.1" not in told
