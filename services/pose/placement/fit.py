"""Size and fit: the product's millimetres against the person's, as far as those are known.

The answer is the likeliest of tight, fits and loose when it is likely enough, else it cannot
be told. Nothing is claimed from an assumed scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from services.pose.placement.picture import pair
from services.pose.placement.types import Fit, Scale, ScaleSource, TryOnAsset, TryOnKind

MIN_PROBABILITY = 0.6
HEAD_OVER_FACE = 4.1
"""Head circumference over face width (ANSUR II: 570 mm over 139 mm), within 3 percent."""
RING_OVER_PHALANX = 0.42
"""Outer width of a ring finger over its phalanx from MCP to PIP, within 8 percent."""


_HAT_WALL_MM = 6.0  # felt and sweatband: a picture shows a hat's outside


@dataclass(frozen=True, slots=True)
class Span:
    """What the body measures and what a product of the right size would: all in mm.

    Attributes:
        name: what is measured.
        body_mm: size of the body.
        sigma_mm: its standard deviation.
        low: the product fits from this ratio to the body on.
        high: and up to this one.
    """

    name: str
    body_mm: float
    sigma_mm: float
    low: float
    high: float


def fit_of(asset: TryOnAsset, scale: Scale, phalanx_mm: float = 0.0) -> tuple[Fit, str]:
    """Whether a product suits in size, and a sentence for a person.

    Args:
        asset: the product's try-on asset.
        scale: how large the person is.
        phalanx_mm: canonical length of the ring's phalanx; 0 = not seen.
    """
    if scale.source in (ScaleSource.UNKNOWN, ScaleSource.ASSUMED):
        return Fit.UNKNOWN, "size not known: the scale of the picture is not"
    span, product_mm = _span(asset, scale, phalanx_mm), _product_mm(asset)
    if span is None or span.body_mm <= 0:
        return Fit.UNKNOWN, ""
    measured = f"{span.name} {span.body_mm:.0f} mm, about {span.sigma_mm:.0f} mm either way"
    if product_mm <= 0:
        return Fit.UNKNOWN, f"{measured}; the product's size is not known"
    fit = _judge(product_mm, span)
    return fit, f"{product_mm:.0f} mm; {measured}: {_WORDS[fit]}"


_WORDS = {
    Fit.UNKNOWN: "cannot tell whether it fits",
    Fit.FITS: "fits",
    Fit.TIGHT: "tight",
    Fit.LOOSE: "loose",
}


def _judge(product_mm: float, span: Span) -> Fit:
    ratio = product_mm / span.body_mm
    spread = NormalDist(ratio, max(ratio * span.sigma_mm / span.body_mm, 1e-9))
    tight, loose = spread.cdf(span.low), 1.0 - spread.cdf(span.high)
    chances = {Fit.TIGHT: tight, Fit.FITS: 1.0 - tight - loose, Fit.LOOSE: loose}
    best = max(chances, key=lambda fit: chances[fit])
    return best if chances[best] >= MIN_PROBABILITY else Fit.UNKNOWN


def _span(asset: TryOnAsset, scale: Scale, phalanx_mm: float) -> Span | None:
    face = scale.face_width_mm
    sigma = scale.sigma_mm / face if face > 0 else scale.sigma_relative
    if asset.kind is TryOnKind.GLASSES and face > 0:
        # Opticians want the frame as wide as the face, a little more rather than less.
        return Span("face", face, sigma * face, 0.95, 1.10)
    if asset.kind is TryOnKind.HAT and face > 0:
        head = HEAD_OVER_FACE * face
        return Span("head", head, math.hypot(sigma, 0.03) * head, 0.98, 1.05)
    if asset.kind is TryOnKind.RING and phalanx_mm > 0:
        finger = RING_OVER_PHALANX * phalanx_mm * scale.factor
        return Span("finger", finger, math.hypot(sigma, 0.08) * finger, 1.0, 1.2)
    return None


def _product_mm(asset: TryOnAsset) -> float:
    """The product's size that is compared: width, or a hat's inner circumference."""
    if asset.kind is not TryOnKind.HAT or asset.width_mm <= 0:
        return asset.width_mm
    left, right = pair(asset, "band")
    opaque = asset.opaque_xyxy[2] - asset.opaque_xyxy[0]
    band = float(right[0] - left[0]) / max(opaque, 1e-6) * asset.width_mm
    # An oval a quarter longer than wide has 1.13 pi times its width around.
    return 1.13 * math.pi * max(band - 2 * _HAT_WALL_MM, 0.0)
