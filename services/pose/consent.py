"""Consent before inference: who may be looked at, proved by a signed token.

A token is a JWT (RFC 7519) that names its key (``kid``), the shopper (``sub``), the uses
she allowed (``scope``, words) and when that ends (``exp``). It is signed with Ed25519
(EdDSA, RFC 8037) or HMAC-SHA-256; which of them, the key says, never the token.

The keys come from a JWK set (RFC 7517) that the retailer names. Where none is named, a
development key is made in the state folder, and its tokens are issued here too.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.errors import ConsentRequired, NotReady

POSE_SCOPE = "pose"
LEEWAY_S = 5.0
"""How far two machines' clocks may differ."""
LONGEST_TOKEN = 8_192
ALGORITHMS = {"OKP": "EdDSA", "oct": "HS256"}
"""What each JWK key type signs with."""

Clock = Callable[[], float]
"""Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a valid token says.

    Attributes:
        expires_s: seconds since 1970.
        scopes: the uses allowed.
    """

    expires_s: float
    scopes: frozenset[str]


class ConsentVerifier:
    """Checks tokens against known keys.

    Args:
        keys: JSON Web Keys by their ``kid``.
        clock: tells the time.
    """

    def __init__(self, keys: Mapping[str, jwt.PyJWK], clock: Clock = time.time) -> None:
        self._keys = dict(keys)
        self._clock = clock

    def check(self, token: str, scope: str = POSE_SCOPE) -> Consent:
        """What the token allows.

        Raises:
            ConsentRequired: it is missing, invalid, expired or for other uses
                (``CONSENT_MISSING``, ``_INVALID``, ``_EXPIRED``, ``_SCOPE``).
        """
        if not token:
            raise ConsentRequired(
                "landmarks of a person need her consent: send a consent token with scope "
                f'"{scope}"',
                reason="CONSENT_MISSING",
            )
        consent = _consent(self._claims(token))
        self.check_unexpired(consent)
        if scope not in consent.scopes:
            covered = " ".join(sorted(consent.scopes)) or "nothing"
            raise ConsentRequired(
                f'the consent covers {covered}, not "{scope}"', reason="CONSENT_SCOPE"
            )
        return consent

    def check_unexpired(self, consent: Consent) -> None:
        """Check again, later in a stream.

        Raises:
            ConsentRequired: it has expired meanwhile (``CONSENT_EXPIRED``).
        """
        if self._clock() > consent.expires_s + LEEWAY_S:
            raise ConsentRequired("the consent has expired; ask again", reason="CONSENT_EXPIRED")

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            if len(token) > LONGEST_TOKEN:
                raise jwt.InvalidTokenError(f"it is longer than {LONGEST_TOKEN} characters")
            key = self._keys.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise jwt.InvalidTokenError("its key is not known here")
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHMS[str(key.key_type)]],
                options={"require": ["sub", "exp"], "verify_exp": False, "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise _invalid(str(error)) from error


def _consent(claims: Mapping[str, Any]) -> Consent:
    expires, scope = claims["exp"], claims.get("scope", "")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise _invalid("exp is not a number")
    if not isinstance(scope, str):
        raise _invalid("scope is not text")
    return Consent(float(expires), frozenset(scope.split()))


def _invalid(why: str) -> ConsentRequired:
    return ConsentRequired(f"the consent token is not valid: {why}", reason="CONSENT_INVALID")


def read_keys(path: Path) -> dict[str, jwt.PyJWK]:
    """Keys of a JWK set file, by their ``kid``.

    Raises:
        NotReady: the file cannot be read, is no JWK set, or holds a key without ``kid`` or
            of a type other than OKP and oct (``CONSENT_KEYS_INVALID``).
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        keys = jwt.PyJWKSet.from_dict(fields if isinstance(fields, dict) else {}).keys
    except (OSError, ValueError, jwt.PyJWTError) as error:
        raise _bad_keys(path, str(error)) from error
    for key in keys:
        if not key.key_id or str(key.key_type) not in ALGORITHMS:
            raise _bad_keys(path, f"each key needs a kid and a kty of {sorted(ALGORITHMS)}")
    return {str(key.key_id): key for key in keys}


def _bad_keys(path: Path, why: str) -> NotReady:
    return NotReady(
        f"{path} is no usable set of consent keys: {why}", reason="CONSENT_KEYS_INVALID"
    )


class DevelopmentIssuer:
    """Issues consent tokens with a key of this machine, until the shopper service does.

    Args:
        private_key: JSON Web Key with the private part.
        clock: tells the time.
    """

    def __init__(self, private_key: Mapping[str, Any], clock: Clock = time.time) -> None:
        self._key = jwt.PyJWK(dict(private_key))
        self._clock = clock

    @classmethod
    def open(cls, folder: Path, clock: Clock = time.time) -> DevelopmentIssuer:
        """The issuer whose key lives in ``folder``; the key is made if there is none.

        Raises:
            NotReady: the key file is damaged (``CONSENT_KEYS_INVALID``).
        """
        path = folder / "development.jwk"
        try:
            if not path.exists():
                _write_new_key(path)
            return cls(json.loads(path.read_text(encoding="utf-8")), clock)
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise _bad_keys(path, str(error)) from error

    @property
    def keys(self) -> dict[str, jwt.PyJWK]:
        """The key, for the verifier."""
        return {str(self._key.key_id): self._key}

    def issue(self, subject: str, scopes: Iterable[str], lifetime_s: int) -> tuple[str, int]:
        """A token, and when it expires in seconds since 1970."""
        expires = int(self._clock()) + lifetime_s
        claims = {
            "iss": "vitrine-development",
            "sub": subject or f"anonymous-{secrets.token_hex(8)}",
            "scope": " ".join(sorted(scopes)),
            "exp": expires,
        }
        algorithm = ALGORITHMS[str(self._key.key_type)]
        headers = {"kid": str(self._key.key_id)}
        return jwt.encode(claims, self._key.key, algorithm=algorithm, headers=headers), expires


def _write_new_key(path: Path) -> None:
    """Make a key; whoever comes second takes the first one's. Only the owner may read it."""
    text = jwt.algorithms.OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate())
    key = json.loads(text) | {"kid": f"development-{secrets.token_hex(4)}"}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(key, file)
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()
