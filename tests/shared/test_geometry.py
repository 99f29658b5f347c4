"""Geometry by its properties: there and back is the identity."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared import geometry as g
from shared.errors import InvalidInput
from shared.image import fit

unit = st.floats(-0.5, 1.5, allow_nan=False, width=32)
points_arrays = st.integers(0, 12).flatmap(lambda n: arrays(np.float64, (n, 2), elements=unit))
sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))


@st.composite
def boxes_arrays(draw, max_boxes=8):
    corners = draw(arrays(np.float64, (draw(st.integers(0, max_boxes)), 2, 2), elements=unit))
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


@pytest.mark.parametrize("nothing", [[], np.empty((0, 4)), ()])
def test_no_boxes_stay_no_boxes(nothing):
    """Every function on boxes takes none and gives none."""
    assert g.as_boxes(nothing).shape == (0, 4)
    assert g.clip_boxes(nothing).shape == (0, 4)
    assert g.grow_boxes(nothing, 1.0).shape == (0, 4)
    assert g.box_area(nothing).shape == (0,)
    assert g.iou(nothing, [(0, 0, 1, 1)]).shape == (0, 1)
    assert g.coverage([(0, 0, 1, 1)], nothing).shape == (1, 0)
    assert g.suppress(nothing, [], 0.5) == []


def test_no_points_stay_no_points():
    """Functions on points take none; only a box around none is refused."""
    assert g.apply_homography(np.eye(3), []).shape == (0, 2)
    assert g.points_in_quad([], g.box_corners(g.WHOLE_IMAGE)).shape == (0,)
    with pytest.raises(InvalidInput):
        g.box_of_points([])


@pytest.mark.parametrize("shape", [(4,), (2, 3), (1, 2, 4)])
def test_other_shapes_are_refused(shape):
    """The message gives the shape that came and the one wanted."""
    with pytest.raises(InvalidInput, match=r"must have \(N, 4\)"):
        g.as_boxes(np.ones(shape))


@given(boxes_arrays(), sizes)
def test_pixels_there_and_back(boxes, size_wh):
    """Normalised to pixels to normalised is the identity, for boxes and points."""
    assert np.allclose(g.to_normalised(g.to_pixels(boxes, size_wh), size_wh), boxes)
    points = boxes[:, :2]
    assert np.allclose(g.to_normalised(g.to_pixels(points, size_wh), size_wh), points)


@given(points_arrays, sizes, st.tuples(st.integers(16, 640), st.integers(16, 640)))
def test_letterbox_there_and_back(points, source_wh, canvas_wh):
    """Picture to canvas to picture is the identity."""
    letterbox = g.Letterbox.of(source_wh, canvas_wh)
    assert np.allclose(letterbox.to_source(letterbox.to_canvas(points)), points)


@given(sizes.filter(lambda s: max(s) < 200), st.tuples(st.integers(1, 64), st.integers(1, 64)))
def test_letterbox_is_what_fit_does(source_wh, canvas_wh):
    """The mapping finds the picture exactly where ``fit`` put it."""
    white = np.full((source_wh[1], source_wh[0], 3), 255, np.uint8)
    canvas = fit(white, canvas_wh, "pad", fill=(0, 0, 0))
    (left, top), (right, bottom) = g.Letterbox.of(source_wh, canvas_wh).to_canvas([(0, 0), (1, 1)])
    rows, columns = np.nonzero(canvas[..., 0])
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.allclose(np.divide(found, canvas_wh * 2), (left, top, right, bottom))


@given(arrays(np.float64, (3, 3), elements=st.floats(-0.2, 0.2)), points_arrays)
def test_homography_there_and_back(change, points):
    """A plane's mapping followed by its inverse is the identity."""
    matrix = np.eye(3) + change
    assume(abs(np.linalg.det(matrix)) > 0.2)
    mapped = g.apply_homography(matrix, points)
    assume(np.isfinite(mapped).all() and (np.abs(mapped) < 1e3).all())
    back = g.apply_homography(np.linalg.inv(matrix), mapped)
    assert np.allclose(back, points, atol=1e-6)


def test_homography_sends_the_horizon_to_infinity():
    """A point on the vanishing line has no finite image and raises no warning."""
    matrix = [[1, 0, 0], [0, 1, 0], [1, 0, -1]]
    assert not np.isfinite(g.apply_homography(matrix, [(1.0, 0.5)])).any()


@given(boxes_arrays(), boxes_arrays())
def test_iou_is_symmetric_and_bounded(a, b):
    """The overlap of a and b is that of b and a, between 0 and 1."""
    overlap = g.iou(a, b)
    assert np.allclose(overlap, g.iou(b, a).T)
    assert ((overlap >= 0) & (overlap <= 1 + 1e-9)).all()


@given(boxes_arrays())
def test_a_box_overlaps_itself_fully(boxes):
    """Intersection over union of a box that has area with itself is 1."""
    solid = boxes[g.box_area(boxes) > 1e-6]
    assert np.allclose(np.diag(g.iou(solid, solid)), 1)
    assert np.allclose(np.diag(g.coverage(solid, solid)), 1)


def test_coverage_is_the_part_that_lies_inside():
    """A box half inside another is covered by half, however big the other."""
    assert g.coverage([(0, 0, 2, 1)], [(1, 0, 9, 9)]).tolist() == [[0.5]]


@given(boxes_arrays())
def test_clipped_boxes_lie_in_the_image(boxes):
    """Clipping keeps order and stays within 0..1; clipping twice changes nothing."""
    clipped = g.clip_boxes(boxes)
    assert ((clipped >= 0) & (clipped <= 1)).all()
    assert (clipped[:, 2:] >= clipped[:, :2]).all()
    assert np.array_equal(g.clip_boxes(clipped), clipped)


@given(boxes_arrays(), st.floats(0, 3))
def test_grown_boxes_there_and_back(boxes, margin):
    """Growing and shrinking by the same length on each side is the identity."""
    grown = g.grow_boxes(boxes, margin)
    assert np.allclose(g.grow_boxes(grown, -margin / (1 + 2 * margin)), boxes)
    assert ((grown[:, 2:] - grown[:, :2]) >= (boxes[:, 2:] - boxes[:, :2])).all()


@given(boxes_arrays(), st.floats(0, 1))
def test_suppression_leaves_no_overlap(boxes, max_iou):
    """Boxes kept overlap no more than allowed; each dropped one overlaps a kept one."""
    scores = np.arange(len(boxes))
    kept = g.suppress(boxes, scores, max_iou)
    overlap = g.iou(boxes, boxes)
    assert kept == sorted(kept, reverse=True)
    assert all(overlap[i, j] <= max_iou for i in kept for j in kept if i != j)
    assert all(overlap[i, kept].max() > max_iou for i in range(len(boxes)) if i not in kept)


@given(points_arrays.filter(len))
def test_box_of_points_holds_them(points):
    """No point lies outside its box, and the box touches the extremes."""
    left, top, right, bottom = g.box_of_points(points)
    assert (points >= (left, top)).all()
    assert (points <= (right, bottom)).all()
    assert {left, right} <= set(points[:, 0])


@given(boxes_arrays().filter(len))
def test_box_corners_there_and_back(boxes):
    """The box around a box's corners is the box."""
    for box in boxes:
        assert np.array_equal(g.box_of_points(g.box_corners(box)), box)


@given(boxes_arrays(), st.floats(0, 2 * np.pi))
def test_area_does_not_turn(boxes, angle):
    """A rotated box keeps its area, whichever way its corners are listed."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for box, area in zip(boxes, g.box_area(boxes), strict=True):
        quad = g.box_corners(box) @ turn.T
        assert np.isclose(g.polygon_area(quad), area)
        assert np.isclose(g.polygon_area(quad[::-1]), area)


@given(st.floats(0, 2 * np.pi), points_arrays)
def test_points_in_a_turned_box(angle, points):
    """Turning points and quad together does not change who is inside."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    quad = g.box_corners(g.WHOLE_IMAGE)
    clear = points[np.abs(np.abs(points - 0.5) - 0.5).min(axis=1, initial=9) > 1e-6]
    inside = ((clear > 0) & (clear < 1)).all(axis=1)
    assert np.array_equal(g.points_in_quad(clear @ turn.T, quad @ turn.T), inside)
    assert np.array_equal(g.points_in_quad(clear @ turn.T, (quad @ turn.T)[::-1]), inside)


def test_edges_belong_to_the_quad():
    """Corners and edge points count as inside."""
    assert g.points_in_quad([(0, 0), (0.5, 0), (1, 1)], g.box_corners(g.WHOLE_IMAGE)).all()


@pytest.mark.parametrize(
    ("quad", "convex"),
    [
        ([(0, 0), (1, 0), (1, 1), (0, 1)], True),
        ([(0, 1), (1, 1), (1, 0), (0, 0)], True),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], False),
        ([(0, 0), (1, 0), (0.1, 0.1), (0, 1)], False),
        ([(0, 0), (0, 0), (0, 0), (0, 0)], False),
    ],
)
def test_convexity(quad, convex):
    """Crossed, dented and collapsed quads are not convex; direction does not matter."""
    assert g.is_convex(quad) is convex
