"""Why pictures match, packed for the wire."""

from __future__ import annotations

from collections.abc import Mapping

from services.visual_search.explaining.explainer import Explanation
from services.visual_search.messages import box_message, points_message
from vitrine.v1 import visual_search_pb2 as pb


def with_explanations(
    group: pb.SearchResultGroup, why: Mapping[str, Explanation]
) -> pb.SearchResultGroup:
    """Add to each result of a group why its reference image matches, where that is known."""
    for result in group.results:
        if result.reference_image_id in why:
            result.explanation.CopyFrom(explanation_message(why[result.reference_image_id]))
    return group


def explanation_message(why: Explanation) -> pb.Explanation:
    """Pack why a picture matches."""
    height, width = why.query_map.shape
    message = pb.Explanation(
        width=width,
        height=height,
        query_map=why.query_map.ravel(),
        reference_map=why.reference_map.ravel(),
        query_points=points_message(why.query_points),
        reference_points=points_message(why.reference_points),
    )
    if why.query_map.size:
        message.query_area.CopyFrom(box_message(why.query_area))
        message.reference_area.CopyFrom(box_message(why.reference_area))
    return message
