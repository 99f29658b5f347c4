"""Consent for development: ShopperService.GrantConsent with a key of this machine.

It stands in where no shopper service issues tokens yet. It keeps nothing, so there is
nothing to withdraw, export or erase: the other RPCs are not served.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.pose.consent import DevelopmentIssuer
from shared.errors import InvalidInput
from vitrine.v1 import shopper_pb2, shopper_pb2_grpc

DEFAULT_LIFETIME_S = 3_600
LIFETIME_RANGE_S = (60, 31_536_000)
LONGEST_ID = 100
SCOPES = {
    shopper_pb2.CONSENT_SCOPE_POSE: "pose",
    shopper_pb2.CONSENT_SCOPE_TASTE: "taste",
}


class DevelopmentConsentService(shopper_pb2_grpc.ShopperServiceServicer):
    """The one RPC of ShopperService that development needs.

    Args:
        issuer: signs the tokens.
    """

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        self._issuer = issuer

    async def GrantConsent(self, request: Any, context: Any) -> Any:  # noqa: N802 - RPC name
        """Issue a token for the scopes asked for."""
        scopes = _scopes(request)
        token, expires = self._issuer.issue(_subject(request), scopes, _lifetime_s(request))
        return shopper_pb2.GrantConsentResponse(
            consent_token=token, expire_time=Timestamp(seconds=expires)
        )


def _subject(request: Any) -> str:
    if len(request.shopper_id) > LONGEST_ID:
        raise InvalidInput.of("shopper_id", f"is longer than {LONGEST_ID} characters")
    return str(request.shopper_id)


def _scopes(request: Any) -> list[str]:
    unknown = [scope for scope in request.scopes if scope not in SCOPES]
    if unknown or not request.scopes:
        raise InvalidInput.of("scopes", "must be one or more of POSE and TASTE")
    return sorted({SCOPES[scope] for scope in request.scopes})


def _lifetime_s(request: Any) -> int:
    low, high = LIFETIME_RANGE_S
    lifetime = request.lifetime_s or DEFAULT_LIFETIME_S
    if not low <= lifetime <= high:
        raise InvalidInput.of("lifetime_s", f"is {lifetime}, must be {low} to {high}, or 0")
    return int(lifetime)
