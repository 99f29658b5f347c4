"""The same thing over frames."""

from services.scanning.decision import Decision
from services.scanning.evidence import Candidate, Look
from services.scanning.items import Item
from services.scanning.tracks import LOST_AFTER_US, WINDOW, Tracks, agreement
from tests.scanning.making import look, named

LEFT, RIGHT = (0.1, 0.2, 0.4, 0.8), (0.6, 0.2, 0.9, 0.8)
FRAME_US = 100_000
UNSURE = look(TEA=0.75, JAM=0.15, unknown=0.1)


def run(tracks, frames, start_us=0):
    """Feed frames, each a list of items; the answers to the last."""
    answers = []
    for index, items in enumerate(frames):
        answers = tracks.update(items, start_us + index * FRAME_US)
    return answers


def test_an_empty_frame_has_no_answers():
    """Nothing seen, nothing told."""
    assert Tracks().update([], 0) == []


def test_tracks_are_numbered_from_one():
    """In the order of the items."""
    answers = run(Tracks(), [[Item(LEFT, UNSURE), Item(RIGHT, UNSURE)]])
    assert [one.track_id for one in answers] == [1, 2]


def test_a_thing_keeps_its_number_while_it_moves():
    """A shift by a tenth of its width is the same thing."""
    moved = tuple(value + 0.03 for value in LEFT)
    (answer,) = run(Tracks(), [[Item(LEFT, UNSURE)], [Item(moved, UNSURE)]])
    assert (answer.track_id, answer.frames_used, answer.item.box_xyxy) == (1, 2, moved)


def test_the_order_of_items_does_not_matter():
    """Things are told by where they are."""
    there = [Item(LEFT, UNSURE), Item(RIGHT, look(JAM=0.9, unknown=0.1))]
    answers = run(Tracks(), [there, there[::-1]])
    assert [one.track_id for one in answers] == [2, 1]


def test_evidence_is_pooled_until_it_decides():
    """Frames that are each unsure decide together, and say how many it took."""
    tracks = Tracks()
    decided = [run(tracks, [[Item(LEFT, UNSURE)]], k * FRAME_US)[0] for k in range(5)]
    assert decided[0].verdict.decision is Decision.AMBIGUOUS
    assert decided[0].frames_to_decide == 0
    assert decided[-1].verdict.decision is Decision.IDENTIFIED
    assert 1 < decided[-1].frames_to_decide <= 5
    assert decided[-1].frames_used == 5


def test_frames_to_decide_stays():
    """Once decided, the number does not change."""
    tracks = Tracks()
    clear = [Item(LEFT, look(TEA=0.97, unknown=0.03))]
    assert [run(tracks, [clear], k * FRAME_US)[0].frames_to_decide for k in range(3)] == [1, 1, 1]


WHOLE = (0.0, 0.0, 1.0, 1.0)
NEAR = (0.3, 0.0, 0.7, 0.95)
SHELF = look(JAM=0.04, unknown=0.95)


def test_a_pack_that_is_put_away_does_not_lend_its_code_to_what_is_behind_it():
    """The shelf looks like nothing known, as the pack did: that does not make it the pack."""
    pack = Item(NEAR, look(TEA=0.09, unknown=0.9), (named("TEA"),))
    tracks = Tracks()
    assert run(tracks, [[pack]])[0].verdict.sku == "TEA"
    (answer,) = tracks.update([Item(WHOLE, SHELF)], FRAME_US)
    assert answer.track_id == 2
    assert answer.verdict.decision is not Decision.IDENTIFIED
    assert not answer.item.codes


def test_details_are_not_lent_either():
    """What a closer look verified was of the thing that was there."""
    tracks = Tracks()
    run(tracks, [[Item(NEAR, look(TEA=0.09, unknown=0.9))]])
    seen = Candidate("TEA", 0.98, inliers=200, verified=True)
    tracks.learn(1, look(TEA=0.09, unknown=0.9), Look((seen,), 0.02))
    (answer,) = tracks.update([Item(WHOLE, SHELF)], FRAME_US)
    assert answer.track_id == 2
    assert answer.verdict.decision is not Decision.IDENTIFIED


def test_a_thing_that_blurs_where_it_is_stays_what_it_was():
    """For a moment it looks like nothing: its place speaks for it."""
    pack = Item(LEFT, UNSURE, (named("TEA"),))
    tracks = Tracks()
    run(tracks, [[pack]])
    (answer,) = tracks.update([Item(LEFT, SHELF)], FRAME_US)
    assert (answer.track_id, answer.verdict.sku) == (1, "TEA")


def test_a_thing_that_comes_closer_stays_what_it_was_while_it_looks_so():
    """Its box grows from frame to frame; its look goes on speaking for it."""
    pack = Item(NEAR, look(TEA=0.3, unknown=0.7), (named("TEA"),))
    tracks = Tracks()
    run(tracks, [[pack]])
    (answer,) = tracks.update([Item(WHOLE, look(TEA=0.2, unknown=0.8))], FRAME_US)
    assert (answer.track_id, answer.verdict.sku) == (1, "TEA")


def test_a_code_read_once_is_remembered():
    """The code turned away; the thing is still what it said."""
    seen = Item(LEFT, UNSURE, (named("TEA"),))
    (answer,) = run(Tracks(), [[seen], [Item(LEFT, UNSURE)]])
    assert answer.verdict.sku == "TEA"
    assert [one.sku for one in answer.item.codes] == ["TEA"]


def test_the_same_code_in_many_frames_counts_once():
    """Reading a label again is no new evidence."""
    item = Item(LEFT, look(TEA=0.05, unknown=0.95), (named("TEA"),))
    (once,) = run(Tracks(), [[item]])
    (often,) = run(Tracks(), [[item]] * 3)
    assert len(often.item.codes) == len(once.item.codes) == 1


def test_only_a_window_is_pooled():
    """Old evidence is forgotten."""
    (answer,) = run(Tracks(), [[Item(LEFT, UNSURE)]] * (WINDOW + 5))
    assert answer.frames_used == WINDOW


def test_another_thing_at_the_same_place_is_another_track():
    """The shopper takes the next product: what it was says nothing about what it is."""
    tea = Item(LEFT, look(TEA=0.97, unknown=0.03))
    jam = Item(LEFT, look(JAM=0.97, unknown=0.03))
    (answer,) = run(Tracks(), [[tea], [tea], [jam]])
    assert (answer.track_id, answer.frames_used, answer.verdict.sku) == (2, 1, "JAM")


def test_another_code_at_the_same_place_is_another_track():
    """Even where nothing but codes is seen."""
    tea, jam = named("TEA"), named("JAM", "9783161484100")
    (answer,) = run(Tracks(), [[Item(LEFT, None, (tea,))], [Item(LEFT, None, (jam,))]])
    assert (answer.track_id, answer.verdict.sku) == (2, "JAM")


def test_a_track_ends_when_it_was_not_seen_for_long():
    """By capture time, not by the clock on the wall."""
    tracks = Tracks()
    run(tracks, [[Item(LEFT, UNSURE)]])
    (answer,) = run(tracks, [[Item(LEFT, UNSURE)]], LOST_AFTER_US + 1)
    assert answer.track_id == 2


def test_an_unchanged_picture_keeps_tracks_alive():
    """A still camera does not lose what it looks at."""
    tracks = Tracks()
    run(tracks, [[Item(LEFT, UNSURE)]])
    tracks.still_there(LOST_AFTER_US)
    (answer,) = run(tracks, [[Item(LEFT, UNSURE)]], 2 * LOST_AFTER_US)
    assert answer.track_id == 1


def test_the_same_frames_give_the_same_answers():
    """Replay is exact."""
    frames = [[Item(LEFT, UNSURE, (named("TEA"),))], [], [Item(RIGHT, UNSURE), Item(LEFT, None)]]
    assert run(Tracks(), frames) == run(Tracks(), frames)


def test_every_product_of_the_evidence_is_known():
    """What any frame of the window speaks of can still be told."""
    tracks = Tracks()
    run(tracks, [[Item(LEFT, UNSURE)], [Item(LEFT, UNSURE, (named("OIL"),))]])
    assert tracks.skus() == {"TEA", "JAM", "OIL"}


def test_agreement_of_looks():
    """1 for equal looks, 0 for looks without anything in common, whatever the order."""
    tea, jam = look(TEA=0.6, unknown=0.4), look(JAM=1.0)
    assert abs(agreement(tea, tea) - 1) < 1e-9
    assert agreement(tea, jam) == agreement(jam, tea) == 0
