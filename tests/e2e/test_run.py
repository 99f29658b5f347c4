"""`vitrine run`: what a new user sees, does first, and breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.shop import VITRINE, Shop, environment_of


def children(pid: int) -> dict[str, int]:
    """Process ids of the services by package name."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True
    )
    rows = [line.split() for line in listed.stdout.splitlines() if "-m" in line]
    return {row[row.index("-m") + 1]: int(row[0]) for row in rows}


def until_serving(shop: Shop) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done = subprocess.run([str(VITRINE), "status"], env=shop.environment, capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.3)
    raise AssertionError(done.stdout)


def test_it_says_what_runs_where_and_what_to_try(shop: Shop) -> None:
    """Products, stores, addresses and three commands are printed."""
    assert "64 products, 3 stores" in shop.printed
    assert shop.environment["VITRINE_SCANNING_ADDRESS"] in shop.printed
    assert shop.printed.count("vitrine ") >= 3


def test_status_says_that_all_serve(shop: Shop) -> None:
    """Exit code 0 and one line a service."""
    printed = shop.vitrine("status")
    assert printed.count(" serving") >= 3
    assert "not serving" not in printed


def test_a_killed_service_comes_back(shop: Shop) -> None:
    """Kill -9 of a service: it is restarted and serves again."""
    before = children(shop.process.pid)["services.scanning"]
    os.kill(before, signal.SIGKILL)
    while children(shop.process.pid).get("services.scanning", before) == before:
        time.sleep(0.1)
    until_serving(shop)


def test_a_second_start_says_what_is_in_the_way(shop: Shop) -> None:
    """The address and the settings to change are named, nothing is broken."""
    done = subprocess.run(
        [str(VITRINE), "run"], env=shop.environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert shop.environment["VITRINE_CATALOG_ADDRESS"] in done.stderr
    assert "VITRINE_CATALOG_LISTEN" in done.stderr


def test_ctrl_c_ends_everything_and_says_so(tmp_path: Path) -> None:
    """SIGINT during the start: exit code 0, no process is left."""
    environment = environment_of(tmp_path / "state") | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [str(VITRINE), "run"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while not children(process.pid):
        time.sleep(0.1)
    started = children(process.pid).values()
    process.send_signal(signal.SIGINT)
    assert "stopped" in process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
