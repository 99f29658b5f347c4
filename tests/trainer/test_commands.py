"""The command line: wrong use is told, a kill costs at most an epoch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import typer
from rich.console import Console
from typer.testing import CliRunner

from services.trainer.__main__ import app
from services.trainer.commands import calibration_hint, run_training
from services.trainer.plan import Plan
from services.trainer.run import SHIPPED_CARD, Request
from services.trainer.starting import read_onnx_weights
from shared.errors import Conflict
from shared.models.card import read_card
from tests.trainer.conftest import Draw

TINY = ["--epochs", "3", "--batch", "9", "--side", "64", "--device", "cpu", "--workers", "0"]
TINY += ["--least-views", "0", "--id", "acme-1"]


VITRINE = (sys.executable, "-c", "from services.cli import main; main()")


def start(*arguments: str | Path, launcher: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    return begin(sys.executable, *launcher, "-m", "services.trainer", *map(str, arguments))


def begin(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def test_help_needs_no_torch() -> None:
    """The module of the commands is imported by every `vitrine`, so it must stay light."""
    code = "import sys, services.trainer.commands; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "either --data FOLDER_OR_CSV or --catalog"),
        (("--data", "nowhere"), "neither a folder nor a CSV"),
        (("--data", "nowhere", "--side", "100"), "divisible by 32"),
        (("--data", "nowhere", "--placement", "0.5"), "give --mixed 0.5 or so with it"),
        (("--data", "nowhere", "--teacher-of", "shoes"), "give --teacher CARD with it"),
        (("--data", "nowhere", "--label-weight", "0"), "nothing but a --teacher CARD can teach"),
        (
            ("--data", "nowhere", "--init", "net.tflite", "--teacher", "a.json"),
            "want 1 and no --teacher-of with --init net.tflite",
        ),
        (
            (
                *("--data", "nowhere", "--init", "net.tflite", "--teacher", "a.json"),
                *("--teacher-share", "1", "--teacher-of", "shoes"),
            ),
            "want 1 and no --teacher-of with --init net.tflite",
        ),
        (("--data", "nowhere", "--id", "../evil"), "id: is '../evil', want 1 to 100 letters"),
        (("--catalog",), "--catalog works with `vitrine train` only; here give --data"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """One sentence on stderr and exit code 1."""
    code, out, err = finish(start("train", *arguments, "--out", tmp_path))
    assert code == 1
    assert out == ""
    assert message in " ".join(err.split())


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "1"])
def test_killed_run_ends_as_the_uninterrupted_one(
    draw_catalogue: Draw, tmp_path: Path, workers: str
) -> None:
    """Kill -9 after the first of three epochs of two steps, the same command: the same file."""
    data = draw_catalogue(labels=6, photos=4)
    whole = tmp_path / "whole"
    tiny = (*TINY, "--workers", workers)
    code, out, said = finish(start("train", "--data", data, "--out", whole, *tiny))
    card = whole / "acme-1.json"
    assert (code, out.strip()) == (0, str(card))
    assert f"`vitrine models use {card}` puts it in use, then `vitrine calibrate --gallery" in said

    parts = tmp_path / "parts"
    first = start("train", "--data", data, "--out", parts, *tiny)
    wait_for(parts / "checkpoint.pt", first)
    first.send_signal(signal.SIGKILL)
    finish(first)
    assert not (parts / "acme-1.json").exists()
    code, _, err = finish(start("train", "--data", data, "--out", parts, *tiny))
    assert code == 0, err
    assert "going on after epoch" in err
    assert read_card(parts / "acme-1.json").sha256 == read_card(whole / "acme-1.json").sha256


@pytest.mark.parametrize(
    ("catalog", "source"), [(True, "--catalog"), (False, "--gallery G.csv --queries Q.csv")]
)
def test_closing_line_names_the_command_that_calibrates(catalog: bool, source: str) -> None:
    """With the new embedder's id, on what it was trained on."""
    said = calibration_hint("acme-1", None, catalog=catalog)
    command = f"vitrine calibrate {source} --embedder acme-1"
    assert said == f"its probabilities are not fitted to it yet: `{command}` fits them"


@pytest.mark.slow
@pytest.mark.parametrize("program", [(sys.executable, "-m", "services.trainer"), VITRINE])
def test_ctrl_c_says_where_it_would_go_on(
    program: tuple[str, ...], draw_catalogue: Draw, tmp_path: Path
) -> None:
    """One line on stderr and exit code 130, no traceback."""
    options = ("train", "--data", str(draw_catalogue()), "--out", str(tmp_path), *TINY)
    process = begin(*program, *options, "--epochs", "5000")
    wait_for(tmp_path / "checkpoint.pt", process)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (130, "")
    last = err.strip().splitlines()[-1]
    assert re.fullmatch(r"stopped; the same command goes on after epoch \d+ of 5000", last)
    assert "Traceback" not in err


@pytest.mark.slow
def test_worker_ended_from_outside_is_told(draw_catalogue: Draw, tmp_path: Path) -> None:
    """As where memory is short: one sentence that says what to do, no traceback."""
    options = ("--data", draw_catalogue(), "--out", tmp_path, *TINY, "--epochs", "5000")
    process = start("train", *options, "--workers", "1")
    wait_for(tmp_path / "checkpoint.pt", process)
    for worker in workers_of(process.pid):
        os.kill(worker, signal.SIGKILL)
    code, _, err = finish(process)
    assert code == 1
    assert "a process that augments was ended from outside" in " ".join(err.split())
    assert "Traceback" not in err


def workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    asked = {int(one): Path(f"/proc/{one}/cmdline").read_bytes() for one in children}
    return [child for child, command in asked.items() if b"spawn_main" in command]


def test_ctrl_c_before_the_first_epoch_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to go on from yet."""

    def interrupted(request: Request, console: Console) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("services.trainer.run.train", interrupted)
    request = Request(tmp_path, SHIPPED_CARD, tmp_path, "acme-1", Plan())
    with pytest.raises(typer.Exit) as caught:
        run_training(request, Console())
    assert caught.value.exit_code == 130
    assert capsys.readouterr().out == "stopped; the same command goes on from the start\n"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--epochs", "0"),
        ("--rate", "-1"),
        ("--rate", "0"),
        ("--rate", "nan"),
        ("--rate", "inf"),
        ("--mixed", "nan"),
        ("--placement", "inf"),
        ("--seed", "18446744073709551616"),
        ("--workers", "100000"),
    ],
)
def test_number_out_of_range_is_usage(option: str, value: str) -> None:
    """Told before anything is read; no traceback, whoever starts it."""
    told = CliRunner().invoke(app, ["train", "--data", "nowhere", option, value])
    assert told.exit_code == 2
    assert f"Invalid value for '{option}'" in " ".join(told.output.split())


@pytest.mark.parametrize("embedder_id", ["vitrine-embedder-1", "int8-vitrine-embedder-1"])
def test_id_of_a_shipped_embedder_is_refused_before_training(
    embedder_id: str, tmp_path: Path
) -> None:
    """It would stand before the shipped one for good; an --out is another matter."""
    told = CliRunner().invoke(app, ["train", "--data", "nowhere", "--id", embedder_id])
    assert isinstance(told.exception, Conflict)
    assert "another --id" in told.exception.message
    out = ("--id", embedder_id, "--out", str(tmp_path / "out"))
    told = CliRunner().invoke(app, ["train", "--data", "nowhere", *out])
    assert "neither a folder nor a CSV" in str(told.exception)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--drift-weight", "0"), ("--teacher", str(SHIPPED_CARD))])
def test_two_processes_train_one_embedder(
    draw_catalogue: Draw, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Torchrun needs no change: two processes share the batches and one writes the card."""
    data = draw_catalogue(labels=4, photos=4)
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    tiny = ["2" if argument == "3" else argument for argument in TINY]
    code, out, err = finish(
        start("train", "--data", data, "--out", tmp_path / "out", *tiny, *more, launcher=launcher)
    )
    assert code == 0, err
    assert out.split() == [str(tmp_path / "out" / "acme-1.json")]
    weights = read_onnx_weights(tmp_path / "out" / "acme-1.onnx")
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 180
    while not path.exists():
        assert process.poll() is None, "the run ended before it wrote a checkpoint"
        assert time.monotonic() < deadline, "no checkpoint after three minutes"
        time.sleep(0.01)
