"""Nothing phones home, and no log holds what belongs to a person."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import LogCapture

from shared.errors import NotReady
from shared.privacy import REDACTED, redact
from tests.servers import REPOSITORY

# ONNX Runtime 1.31 first resolves its telemetry host 9.5 s after start (seen with strace).
WATCHED_S = 14

TINY_SESSION = """
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "g", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
assert session.run(None, {"x": np.ones(1, np.float32)})[0][0] == 2
"""

TINY_INDEX = """
import sys
import qdrant_edge as q

config = q.EdgeConfig(vectors=q.EdgeVectorParams(size=2, distance=q.Distance.Cosine))
shard = q.EdgeShard.create(sys.argv[1], config)
shard.update(q.UpdateOperation.upsert_points([q.Point(1, [1.0, 0.0])]))
found = shard.search(q.SearchRequest(query=q.Query.Nearest([1.0, 0.0]), limit=1))
assert [point.id for point in found] == [1]
"""

QUIET = "from shared import privacy\nprivacy.forbid_telemetry()\n"


def child_environment(home: Path) -> dict[str, str]:
    """The environment of a process that has set nothing up yet, at home in ``home``."""
    keep = {
        name: value
        for name, value in os.environ.items()
        if "proxy" not in name.lower() and name != "ORT_DISABLE_TELEMETRY"
    }
    return {**keep, "HOME": str(home), "XDG_CACHE_HOME": "", "PYTHONPATH": str(REPOSITORY)}


def run_child(code: str, home: Path, *, prefix: tuple[str, ...] = ()) -> None:
    """Run Python code in a child at home in ``home``; it must succeed."""
    command = [*prefix, sys.executable, "-c", textwrap.dedent(code), str(home / "shard")]
    environment = child_environment(home)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def connects_outside(code: str, home: Path) -> list[str]:
    """Return the connect calls of a child, beyond UNIX sockets and loopback."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed: apt-get install strace")
    trace = home / "trace"
    flags = ("-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace))
    run_child(code, home, prefix=(strace, *flags))
    calls = re.findall(r"sa_family=AF_INET.*", trace.read_text(encoding="utf-8"))
    loopback = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "::1"')
    return [call for call in calls if not loopback.search(call)]


# nothing phones home


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_inference_and_index_connect_to_nobody(tmp_path: Path) -> None:
    """A process with ONNX Runtime and Qdrant Edge at work opens no outside connection."""
    code = QUIET + TINY_SESSION + TINY_INDEX + f"import time\ntime.sleep({WATCHED_S})\n"
    assert connects_outside(code, tmp_path) == []


def test_a_forbidden_connect_would_be_seen(tmp_path: Path) -> None:
    """The trace shows an attempt to reach an outside address (TEST-NET-1, RFC 5737)."""
    code = """
    import socket
    knock = socket.socket()
    knock.setblocking(False)
    knock.connect_ex(("192.0.2.1", 9))
    knock.close()
    """
    outside = connects_outside(code, tmp_path)
    assert len(outside) == 1
    assert "192.0.2.1" in outside[0]


def test_loopback_is_not_outside(tmp_path: Path) -> None:
    """Connections within the machine are not reported."""
    code = """
    import socket
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as knock:
            knock.connect_ex((host, 9))
    """
    assert connects_outside(code, tmp_path) == []


def test_inference_leaves_nothing_at_home(tmp_path: Path) -> None:
    """ONNX Runtime writes no device id and no event database."""
    run_child(QUIET + TINY_SESSION, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_telemetry_that_is_already_on_is_an_error(tmp_path: Path) -> None:
    """Importing ONNX Runtime before turning its telemetry off fails loudly."""
    code = """
    import sys, types
    sys.modules["onnxruntime"] = types.ModuleType("onnxruntime")
    from shared import errors, privacy
    try:
        privacy.forbid_telemetry()
    except errors.NotReady as error:
        assert error.reason == "TELEMETRY_TOO_LATE"
    else:
        raise SystemExit("not refused")
    """
    run_child(code, tmp_path)


def test_forbidding_twice_is_fine(tmp_path: Path) -> None:
    """Every module that needs it may forbid, in any order."""
    run_child(QUIET + "import onnxruntime\n" + QUIET, tmp_path)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_egress_http_reaches_only_the_closed_port(tmp_path: Path, scheme: str) -> None:
    """A client that honours the proxy variables neither resolves nor reaches a host."""
    code = f"""
    from shared import privacy
    privacy.forbid_egress()
    import urllib.error, urllib.request
    try:
        urllib.request.urlopen("{scheme}://play.googleapis.com/", timeout=10)
    except urllib.error.URLError as error:
        assert isinstance(error.reason, ConnectionRefusedError), error
    else:
        raise SystemExit("reached it")
    """
    assert connects_outside(code, tmp_path) == []


def test_without_egress_loopback_is_reached(tmp_path: Path) -> None:
    """HTTP within the machine still works."""
    code = """
    import http.server, threading, urllib.request
    from shared import privacy
    privacy.forbid_egress()
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.handle_request).start()
    answer = urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=10)
    assert answer.status == 200
    server.server_close()
    """
    run_child(code, tmp_path)


def test_egress_forbidden_too_late_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing MediaPipe before closing the way out fails loudly."""
    from shared import privacy

    monkeypatch.setitem(sys.modules, "mediapipe", sys)
    for name in ("https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NotReady, match="mediapipe"):
        privacy.forbid_egress()


@pytest.mark.parametrize(
    ("library", "forbid"), [("onnxruntime", "forbid_telemetry"), ("mediapipe", "forbid_egress")]
)
def test_who_imports_a_library_that_phones_home_forbids_it_first(library: str, forbid: str) -> None:
    """In every module of ours, the call stands above the import."""
    forgetful = []
    for path in sorted([*REPOSITORY.glob("services/**/*.py"), *REPOSITORY.glob("shared/**/*.py")]):
        code = path.read_text(encoding="utf-8")
        imported = re.search(rf"^\s*(?:import|from) {library}\b", code, re.MULTILINE)
        called = re.search(rf"^\s*(?:privacy\.)?{forbid}\(\)", code, re.MULTILINE)
        if imported and not (called and called.start() < imported.start()):
            forgetful.append(str(path.relative_to(REPOSITORY)))
    assert forgetful == [], f"call shared.privacy.{forbid}() above import {library}"


# logs


def logged(**fields: object) -> dict[str, object]:
    """Log one event through the processor and return what would be printed."""
    capture = LogCapture()
    log = structlog.wrap_logger(None, processors=[redact, capture])
    log.info("event", **fields)
    entry = dict(capture.entries[0])
    return {name: entry[name] for name in fields}


@pytest.mark.parametrize(
    "name", ["shopper_id", "shopperId", "consent_token", "token", "redis_password", "Authorization"]
)
@pytest.mark.parametrize("value", ["anna", 17, {"a": 1}])
def test_secrets_are_redacted_whatever_they_hold(name: str, value: object) -> None:
    """A field of a shopper, a token or a password never shows, a number neither."""
    assert logged(**{name: value}) == {name: REDACTED}


@pytest.mark.parametrize("name", ["image", "frames", "face_landmarks", "query_vector"])
def test_content_is_redacted_but_its_count_stays(name: str) -> None:
    """Images, landmarks and vectors go; how many there were is no secret."""
    assert logged(**{name: [0.1, 0.2]}) == {name: REDACTED}
    assert logged(**{name: 3}) == {name: 3}


@pytest.mark.parametrize(
    "value", [b"JFIF", bytearray(3), memoryview(b"x"), np.zeros((2, 2, 3), np.uint8)]
)
def test_bytes_and_arrays_never_show(value: object) -> None:
    """Whatever the field is called, raw data is named by its type only."""
    assert logged(thing=value) == {"thing": f"[{type(value).__name__}]"}
    assert logged(thing=[value]) == {"thing": [f"[{type(value).__name__}]"]}


def test_nested_fields_are_redacted() -> None:
    """A secret within a dictionary within a list is found."""
    fields = {"request": [{"sku": "A-1", "shopper": "anna"}]}
    assert logged(**fields) == {"request": [{"sku": "A-1", "shopper": REDACTED}]}


def test_plain_fields_stay() -> None:
    """Counts, reasons, durations and addresses of services are what logs are for."""
    fields = {
        "service": "catalog",
        "ms": 1.5,
        "count": np.int64(3),
        "ok": True,
        "none": None,
        "stages": {"decode": 4.0},
    }
    assert logged(**fields) == fields


def test_credentials_in_urls_are_taken_out() -> None:
    """A database URL shows its host, not its password."""
    logs = logged(reason="no answer from postgresql+psycopg://vitrine:pw@db:5432/v, retrying")
    assert logs == {"reason": "no answer from postgresql+psycopg://db:5432/v, retrying"}


def test_long_text_is_cut() -> None:
    """An image in base64 does not fill the log."""
    text = str(logged(reason="A" * 100_000)["reason"])
    assert len(text) < 3_000
    assert text.endswith("(100000 characters)")
