"""Consent: only a token that is signed, in time and for this use opens the door."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import jwt
import pytest

from services.pose.consent import ConsentVerifier, DevelopmentIssuer, read_keys
from shared.errors import ConsentRequired, NotReady

NOW = 1_000_000.0
SECRET = {
    "kty": "oct",
    "kid": "shared",
    "k": base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode().rstrip("="),
}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(tmp_path: Path, clock: Clock) -> DevelopmentIssuer:
    return DevelopmentIssuer.open(tmp_path / "consent", clock)


@pytest.fixture
def verifier(issuer: DevelopmentIssuer, clock: Clock) -> ConsentVerifier:
    return ConsentVerifier(issuer.keys, clock)


def refusal(verifier: ConsentVerifier, token: str) -> str:
    with pytest.raises(ConsentRequired) as refused:
        verifier.check(token)
    assert token == "" or token not in refused.value.message
    return refused.value.reason


def forged(claims: object, key: object, algorithm: str, **headers: str) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def test_no_token_is_told_apart_from_a_bad_one(verifier: ConsentVerifier):
    """CONSENT_MISSING lets a client ask the shopper instead of showing an error."""
    assert refusal(verifier, "") == "CONSENT_MISSING"


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "é" * 10, "a" * 100_000])
def test_what_is_no_token_is_invalid(verifier: ConsentVerifier, token: str):
    """Garbage of any kind is refused, never an internal error."""
    assert refusal(verifier, token) == "CONSENT_INVALID"


def test_an_issued_token_is_accepted_with_its_scopes(issuer, verifier):
    """What the development issuer signs, the verifier accepts."""
    token, expires = issuer.issue("anna", ["taste", "pose"], 60)
    consent = verifier.check(token)
    assert consent.scopes == {"pose", "taste"}
    assert consent.expires_s == expires == NOW + 60


def test_a_token_ends_at_its_time(issuer, verifier, clock):
    """Expired tokens have their own reason, after a small allowance for clocks."""
    token, _ = issuer.issue("anna", ["pose"], 60)
    clock.now = NOW + 64
    verifier.check(token)
    clock.now = NOW + 66
    assert refusal(verifier, token) == "CONSENT_EXPIRED"


def test_consent_can_expire_while_a_stream_runs(issuer, verifier, clock):
    """A stream asks again for each frame."""
    consent = verifier.check(issuer.issue("anna", ["pose"], 60)[0])
    clock.now = NOW + 100
    with pytest.raises(ConsentRequired):
        verifier.check_unexpired(consent)


@pytest.mark.parametrize("scopes", [[], ["taste"], ["poser"]])
def test_another_use_is_not_covered(issuer, verifier, scopes):
    """Scopes are whole words."""
    assert refusal(verifier, issuer.issue("anna", scopes, 60)[0]) == "CONSENT_SCOPE"


def test_a_token_of_another_machine_is_invalid(verifier, tmp_path, clock):
    """Its key is not known here."""
    other = DevelopmentIssuer.open(tmp_path / "other", clock)
    assert refusal(verifier, other.issue("anna", ["pose"], 60)[0]) == "CONSENT_INVALID"


def test_a_changed_token_is_invalid(issuer, verifier):
    """The signature covers the claims."""
    header, _, signature = issuer.issue("anna", ["taste"], 60)[0].split(".")
    claims = {"sub": "anna", "scope": "pose", "exp": NOW + 60}
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert refusal(verifier, f"{header}.{text}.{signature}") == "CONSENT_INVALID"


def test_the_key_chooses_the_algorithm_never_the_token(issuer, verifier):
    """Neither alg none nor HMAC with the public key gets in."""
    claims = {"sub": "anna", "scope": "pose", "exp": NOW + 60}
    kid = next(iter(issuer.keys))
    public = issuer.keys[kid].key.public_key().public_bytes_raw()
    assert refusal(verifier, forged(claims, None, "none", kid=kid)) == "CONSENT_INVALID"
    assert refusal(verifier, forged(claims, public, "HS256", kid=kid)) == "CONSENT_INVALID"


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "pose", "exp": NOW + 60},
        {"sub": "anna", "scope": "pose"},
        {"sub": "anna", "scope": "pose", "exp": "soon"},
        {"sub": "anna", "scope": ["pose"], "exp": NOW + 60},
    ],
)
def test_claims_that_are_missing_or_odd_are_invalid(claims, clock):
    """A signed token is still checked for its form."""
    key = jwt.PyJWK(SECRET)
    verifier = ConsentVerifier({"shared": key}, clock)
    token = forged(claims, key.key, "HS256", kid="shared")
    assert refusal(verifier, token) == "CONSENT_INVALID"


def test_keys_of_a_retailer_come_from_a_jwk_set(tmp_path: Path, clock):
    """An HMAC key of a JWK set signs tokens that count."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [SECRET]}))
    claims = {"sub": "anna", "scope": "pose", "exp": NOW + 60}
    token = forged(claims, jwt.PyJWK(SECRET).key, "HS256", kid="shared")
    assert "pose" in ConsentVerifier(read_keys(path), clock).check(token).scopes


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": [{"kty": "oct", "k": "YQ"}]}'])
def test_a_key_file_that_is_none_is_named(tmp_path: Path, text: str):
    """Starting with wrong keys fails at once, with the file's name."""
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(NotReady, match=r"keys\.json") as refused:
        read_keys(path)
    assert refused.value.reason == "CONSENT_KEYS_INVALID"


def test_the_development_key_stays_and_is_private(tmp_path: Path, clock):
    """Opened twice it is one key, and only its owner may read it."""
    folder = tmp_path / "consent"
    first, second = (DevelopmentIssuer.open(folder, clock) for _ in range(2))
    assert list(first.keys) == list(second.keys)
    assert (folder / "development.jwk").stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == ["development.jwk"]


def test_anonymous_sessions_are_told_apart(issuer):
    """Without a shopper's id each token has a subject of its own."""
    tokens = [issuer.issue("", ["pose"], 60)[0] for _ in range(2)]
    subjects = {jwt.decode(t, options={"verify_signature": False})["sub"] for t in tokens}
    assert len(subjects) == 2
