"""What keeps `vitrine run` from starting is said at once, with the setting to change."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.preflight import check_addresses, holding
from shared.errors import NotReady


def refusal(**listens: str) -> NotReady:
    with pytest.raises(NotReady) as refused:
        check_addresses(listens)
    return refused.value


@pytest.mark.parametrize("listen", ["", "8080", "nonsense", "127.0.0.1:", "127.0.0.1:99999"])
def test_what_is_no_address_is_refused_by_its_settings_name(listen: str) -> None:
    """The variable, its value and the form that is right."""
    error = refusal(search=listen)
    assert error.reason == "SETTING_INVALID"
    assert "VITRINE_SEARCH_LISTEN" in error.message
    assert "HOST:PORT" in error.message


def test_an_address_of_another_machine_is_refused() -> None:
    """TEST-NET-1 (RFC 5737) is no address of ours."""
    assert "VITRINE_POSE_LISTEN" in refusal(pose="192.0.2.77:5000").message


def test_two_services_on_one_address_are_refused() -> None:
    """Both settings are named."""
    message = refusal(catalog="127.0.0.1:5001", search="127.0.0.1:5001").message
    assert "VITRINE_CATALOG_LISTEN" in message
    assert "VITRINE_SEARCH_LISTEN" in message


def test_a_taken_port_is_named_with_what_to_set() -> None:
    """Whoever listens there, gRPC or not."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        error = refusal(catalog=at)
        gateways = refusal(gateway=at).message
    assert error.reason == "ADDRESS_IN_USE"
    assert at in error.message
    assert "VITRINE_CATALOG_LISTEN and VITRINE_CATALOG_ADDRESS" in error.message
    assert "VITRINE_GATEWAY_ADDRESS" not in gateways


def test_a_free_port_and_a_socket_pass_and_stay_free() -> None:
    """The check leaves nothing behind that the service would trip over."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    for _ in range(2):
        check_addresses({"catalog": f"127.0.0.1:{port}", "gateway": "unix:/tmp/any.sock"})


def test_a_state_folder_is_held_once(tmp_path: Path) -> None:
    """The second one is told which process holds it; afterwards it is free again."""
    with holding(tmp_path):
        with pytest.raises(NotReady, match=str(os.getpid())) as refused, holding(tmp_path):
            pass
        assert refused.value.reason == "STATE_IN_USE"
    with holding(tmp_path):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    """The lock ends with its holder, kill -9 included."""
    code = (
        "import os, pathlib, sys; from services.cli.preflight import holding\n"
        "with holding(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60)
    assert (tmp_path / "run.lock").exists()
    with holding(tmp_path):
        pass


def test_a_state_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file stands in the way, for instance."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="--state-dir") as refused, holding(tmp_path / "file" / "s"):
        pass
    assert refused.value.reason == "STATE_UNWRITABLE"
