"""``vitrine consent``: a consent token for development."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class Scope(StrEnum):
    """A use that a shopper may allow."""

    POSE = "pose"
    TASTE = "taste"


def consent(
    context: typer.Context,
    scope: Annotated[list[Scope] | None, typer.Option(help="What is allowed.")] = None,
    shopper: Annotated[str, typer.Option(help="The shopper's id; none = anonymous.")] = "",
    seconds: Annotated[int, typer.Option(min=60, max=31_536_000, help="How long.")] = 3_600,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Issue a consent token with this machine's development key, for trying pose out."""
    from services.pose.consent import DevelopmentIssuer

    issuer = DevelopmentIssuer.open(context.obj.settings.consent_dir)
    token, expires = issuer.issue(shopper, scope or [Scope.POSE], seconds)
    if as_json:
        typer.echo(json.dumps({"consent_token": token, "expires_s": expires}))
    else:
        typer.echo(token)
