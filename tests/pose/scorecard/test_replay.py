"""Recordings: there and back, and the same bytes every time."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.pose.placement.types import Subjects, TryOnKind
from services.pose.scorecard.replay import (
    RecordedFrame,
    Recording,
    read_recording,
    replay,
    write_recording,
)
from services.pose.scorecard.score import CASES
from services.pose.scorecard.simulation import observe
from services.pose.scorecard.synthetic import Noise
from shared.errors import InvalidInput
from tests.pose.placement.conftest import KINDS, Person, camera, item_of, person  # noqa: F401

GLASSES = Recording((item_of(TryOnKind.GLASSES),))


def frames(count: int) -> Iterator[RecordedFrame]:
    """A face that turns, seen with noise; every tenth frame shows nobody."""
    random = np.random.default_rng(5)
    for index in range(count):
        seen = observe(CASES[1], index / 30, Noise(), random) if index % 10 else Subjects()
        yield RecordedFrame(index * 33_333, (1280, 720), seen)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_recording_comes_back_as_it_was(name, tmp_path: Path):
    """To a millionth of the picture; gzip changes nothing."""
    path = tmp_path / name
    assert write_recording(path, GLASSES, frames(5)) == 5
    recording, read = read_recording(path)
    assert [item.sku for item in recording.items] == ["GLASSES"]
    for before, after in zip(frames(5), read, strict=True):
        assert before.capture_time_us == after.capture_time_us
        assert len(before.subjects.faces) == len(after.subjects.faces)
        for a, b in zip(before.subjects.faces, after.subjects.faces, strict=True):
            assert np.abs(a.points - b.points).max() < 1e-6


def test_all_kinds_of_subjects_come_back(person: Person, tmp_path: Path):  # noqa: F811
    """Faces, hands, bodies and a card."""
    subjects = person()
    card = np.array([(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)])
    seen = Subjects(subjects.faces, subjects.hands, subjects.bodies, None, card)
    items = Recording(tuple(item_of(kind) for kind in KINDS), mirrored=True, screen_mesh=True)
    frame = RecordedFrame(7, (640, 480), seen, (500.0, 500.0, 320.0, 240.0))
    write_recording(tmp_path / "r.jsonl", items, [frame])
    recording, read = read_recording(tmp_path / "r.jsonl")
    (back,) = read
    assert recording.mirrored
    assert recording.screen_mesh
    assert [one.asset.kind for one in recording.items] == list(KINDS)
    assert back.subjects.hands[0].handedness is seen.hands[0].handedness
    assert back.subjects.bodies[0].world_points_mm == pytest.approx(seen.bodies[0].world_points_mm)
    assert back.subjects.card_corners == pytest.approx(card)
    assert back.intrinsics_px == frame.intrinsics_px


def test_a_recording_without_frames_is_one(tmp_path: Path):
    """The empty case."""
    path = tmp_path / "r.jsonl"
    assert write_recording(path, GLASSES, []) == 0
    recording, read = read_recording(path)
    assert list(replay(recording, read)) == []


def test_the_same_frames_make_the_same_file(tmp_path: Path):
    """Also gzipped: no clock and no name gets into it."""
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_recording(tmp_path / name, GLASSES, frames(3))
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize("text", ["", "hello\n", "{}\n", '{"vitrine_recording": 99}\n', "[1]\n"])
def test_other_files_are_refused_by_name(text, tmp_path: Path):
    """Something else entirely, or another version."""
    (tmp_path / "r.jsonl").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_recording(tmp_path / "r.jsonl")
    assert caught.value.reason == "RECORDING_INVALID"


def test_a_broken_line_is_named(tmp_path: Path):
    """The message has the line's number."""
    path = tmp_path / "r.jsonl"
    write_recording(path, GLASSES, frames(2))
    path.write_bytes(path.read_bytes()[:-200] + b'{"faces": 3}\n')
    recording, read = read_recording(path)
    with pytest.raises(InvalidInput, match="line"):
        list(replay(recording, read))


def test_replaying_a_file_gives_what_replaying_the_frames_gave(tmp_path: Path):
    """Twice from the file: byte for byte."""
    path = tmp_path / "r.jsonl"
    write_recording(path, GLASSES, frames(60))
    outcomes = []
    for _ in range(2):
        recording, read = read_recording(path)
        outcomes.append(b"".join(replay(recording, read)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].count(b"\n") == 60
    assert b'"held"' in outcomes[0]


def _looped(count: int) -> Iterator[RecordedFrame]:
    """Ten seconds of frames again and again, their time going on."""
    few = [frame.subjects for frame in frames(300)]
    for index in range(count):
        yield RecordedFrame(index * 33_333, (1280, 720), few[index % len(few)])


def _digest_and_memory(count: int) -> tuple[str, list[int]]:
    digest, memory = hashlib.sha256(), []
    for index, line in enumerate(replay(GLASSES, _looped(count))):
        digest.update(line)
        if index % 1000 == 999:
            memory.append(tracemalloc.get_traced_memory()[0])
    return digest.hexdigest(), memory


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_frames_give_identical_bytes_and_no_memory_growth():
    """Five and a half minutes of camera, twice."""
    tracemalloc.start()
    first, memory = _digest_and_memory(10_000)
    tracemalloc.stop()
    second, _ = _digest_and_memory(10_000)
    assert first == second
    assert memory[-1] - memory[1] < 100_000
