"""The commands of pose: landmarks, try-on, its assets, consent, recordings.

All of them work with nothing running. What is heavy is imported when a command runs.
"""

from __future__ import annotations

import typer

from services.pose.commands.assets import tryon_asset
from services.pose.commands.consent import consent
from services.pose.commands.landmarks import landmarks
from services.pose.commands.recordings import record, replay, score_tryon
from services.pose.commands.tryon import tryon

app = typer.Typer()
for command in (landmarks, tryon, tryon_asset, consent, record, replay, score_tryon):
    app.command()(command)
