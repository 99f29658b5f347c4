"""Why two pictures match: what each place of either adds to their similarity.

An embedding is the sum of the parts of its places (``embedding.embedder.PlaceEmbedder``), so the
similarity of two pictures, the dot product of their embeddings, is the sum of what each
place of one adds against the whole of the other: exact, from the pass that embeds, with
nothing perturbed and nothing trained. Beside it stand the points of printed detail that
``recognition.verification`` maps from one picture to the other, where it finds enough of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.visual_search.embedding.embedder import EmbedderQueue, Vectors
from services.visual_search.explaining.detail import Detail
from services.visual_search.index.ranking import Found
from services.visual_search.recognition.verification import Features, compare, find_features
from shared.errors import ImageRefused, NotFound
from shared.geometry import WHOLE_IMAGE, Floats
from shared.image import DEFAULT_LIMITS, Limits, decode
from shared.image_pixels import Rgb
from shared.models.card import ModelCard

Box = tuple[float, float, float, float]
Map = npt.NDArray[np.float32]

MOST_A_GROUP: Final = 20
MOST_IN_ALL: Final = 40
_CAPACITY: Final = 256  # of at most 105 kB each
_NO_MAP: Final = np.zeros((0, 0), np.float32)
_NO_POINTS: Final = np.zeros((0, 2))


@dataclass(frozen=True, slots=True)
class Look:
    """A picture as the embedder and the local features see it.

    Attributes:
        box: which part of its image it is, normalised.
        area: which part of the image the places cover, normalised.
        places: (h, w, D) float32, their sum is the embedding; None where the embedder
            cannot tell.
        features: its local features.
    """

    box: Box
    area: Box
    places: Map | None
    features: Features


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a picture matches a reference image.

    Attributes:
        query_map: (h, w) float32, what each place of the picture adds to the
            similarity; (0, 0) where the embedder cannot tell.
        reference_map: the same of the reference image.
        query_area: where ``query_map`` lies in the query image, normalised.
        reference_area: where ``reference_map`` lies in the reference image.
        query_points: (M, 2) matched points in the query image, normalised.
        reference_points: (M, 2) the same points in the reference image.
    """

    query_map: Map
    reference_map: Map
    query_area: Box
    reference_area: Box
    query_points: Floats
    reference_points: Floats


@dataclass(frozen=True, slots=True)
class Picture:
    """What was embedded: a picture or a part of one.

    Attributes:
        image_rgb: (H, W, 3) uint8.
        box: which part of its image it is, normalised.
        places: (h, w, D) float32, their sum is its embedding; None where the embedder
            cannot tell.
        detail: its local features, where the search may have taken them; None = to be
            taken as those of reference images are.
    """

    image_rgb: Rgb
    box: Box
    places: Map | None
    detail: Detail | None = None


class Explainer:
    """Explains what was found.

    Args:
        fetch: reads the bytes of a reference image.
        limits: of the image gate.
    """

    def __init__(
        self, fetch: Callable[[str], Awaitable[bytes]], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._fetch, self._limits = fetch, limits
        self._kept: OrderedDict[tuple[str, str], Look] = OrderedDict()

    async def explain(
        self,
        embedder: EmbedderQueue,
        pictures: Sequence[Picture],
        found: Sequence[Sequence[Found]],
    ) -> list[dict[str, Explanation]]:
        """Explain the best of what was found for each picture, by image id.

        Raises:
            Overloaded: too many images wait to be embedded.
            Unavailable: the catalogue does not answer.
        """
        chosen = _chosen(found)
        wanted = dict.fromkeys(image_id for ids in chosen for image_id in ids)
        references = await self._references(embedder, list(wanted))
        looks = await asyncio.to_thread(_looks, pictures, embedder.card)
        return [
            await asyncio.to_thread(_explain_all, look, ids, references)
            for look, ids in zip(looks, chosen, strict=True)
        ]

    async def _references(
        self, embedder: EmbedderQueue, image_ids: Sequence[str]
    ) -> Mapping[str, Look]:
        """Looks of the reference images that still exist."""
        model = embedder.card.sha256
        known = {i: self._kept[model, i] for i in image_ids if (model, i) in self._kept}
        fetching = [i for i in image_ids if i not in known]
        side = 2 * max(embedder.card.input_size)  # as they were indexed
        decoded = await asyncio.gather(*(self._decoded(i, side) for i in fetching))
        images = {i: one for i, one in zip(fetching, decoded, strict=True) if one is not None}
        places = await embedder.embed_places(list(images.values()))
        pictures = [
            Picture(image, WHOLE_IMAGE, None if places is None else places[number])
            for number, image in enumerate(images.values())
        ]
        looks = await asyncio.to_thread(_looks, pictures, embedder.card)
        fresh = dict(zip(images, looks, strict=True))
        self._keep({(model, i): look for i, look in (known | fresh).items()})
        return known | fresh

    async def _decoded(self, image_id: str, side: int) -> Rgb | None:
        try:
            data = await self._fetch(image_id)
            image = await asyncio.to_thread(decode, data, self._limits, max_side=side)
        except (ImageRefused, NotFound):
            return None  # replaced since it was indexed: its result goes without
        return image.image_rgb

    def _keep(self, looks: Mapping[tuple[str, str], Look]) -> None:
        for key, look in looks.items():
            self._kept[key] = look
            self._kept.move_to_end(key)
        while len(self._kept) > _CAPACITY:
            self._kept.popitem(last=False)


def contributions(places: npt.NDArray[np.float32], other: Vectors) -> Map:
    """What each place (h, w, D) of a picture adds to its similarity to a vector (D,).

    >>> contributions(np.full((1, 2, 1), 0.5, np.float32), np.ones(1, np.float32)).tolist()
    [[0.5, 0.5]]
    """
    return np.asarray(places @ other, np.float32)


def seen_area(size_wh: tuple[int, int], card: ModelCard) -> Box:
    """Which part of a picture reaches the network, normalised; beyond 0..1 where it pads.

    >>> from services.visual_search.embedding.classical import open_classical
    >>> seen_area((200, 100), open_classical("hog").card)
    (0.0, 0.0, 1.0, 1.0)
    """
    if card.fit == "stretch":
        return WHOLE_IMAGE
    ratios = [wanted / own for wanted, own in zip(card.input_size, size_wh, strict=True)]
    scale = min(ratios) if card.fit == "pad" else max(ratios)
    halves = [ratio / scale / 2 for ratio in ratios]
    return (0.5 - halves[0], 0.5 - halves[1], 0.5 + halves[0], 0.5 + halves[1])


def explain(query: Look, reference: Look) -> Explanation:
    """Explain the similarity of a picture to a reference image."""
    maps = (_NO_MAP, _NO_MAP)
    if query.places is not None and reference.places is not None:
        ours, theirs = query.places.sum(axis=(0, 1)), reference.places.sum(axis=(0, 1))
        maps = (contributions(query.places, theirs), contributions(reference.places, ours))
    agreement = compare(query.features, reference.features)
    pairs = (agreement.query_points, agreement.reference_points)
    points = pairs if agreement.verified else (_NO_POINTS, _NO_POINTS)
    return Explanation(
        *maps,
        query.area,
        reference.area,
        _into(query.box, points[0]),
        _into(reference.box, points[1]),
    )


def _explain_all(
    query: Look, image_ids: Sequence[str], references: Mapping[str, Look]
) -> dict[str, Explanation]:
    return {i: explain(query, references[i]) for i in image_ids if i in references}


def _chosen(found: Sequence[Sequence[Found]]) -> list[list[str]]:
    """Ids of the images to explain for each picture: the best of each, none forgotten."""
    share = min(MOST_A_GROUP, MOST_IN_ALL // max(1, len(found)))
    return [[one.image_id for one in ranked if one.image_id][:share] for ranked in found]


def _looks(pictures: Sequence[Picture], card: ModelCard) -> list[Look]:
    return [Look(one.box, _area(one, card), one.places, _features(one)) for one in pictures]


def _features(picture: Picture) -> Features:
    if picture.detail is not None:
        return picture.detail.features()
    return find_features(picture.image_rgb)


def _area(picture: Picture, card: ModelCard) -> Box:
    """Where the part of a picture that the network sees lies in the whole image."""
    height, width = picture.image_rgb.shape[:2]
    corners = np.reshape(seen_area((width, height), card), (2, 2))
    (left, top), (right, bottom) = _into(picture.box, corners)
    return (float(left), float(top), float(right), float(bottom))


def _into(box: Box, points: Floats) -> Floats:
    """Points (M, 2) normalised to a box, normalised to its image."""
    corner, opposite = np.array(box[:2]), np.array(box[2:])
    return np.asarray(corner + points * (opposite - corner), np.float64)
