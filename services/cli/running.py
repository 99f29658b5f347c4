"""``vitrine run``: all services as processes; ``vitrine status``: how they are."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli.demo import write_with_progress
from services.cli.door import door, door_from_outside, opens
from services.cli.preflight import check_addresses, holding
from services.cli.stack import MEMBERS, POSE, Member, Stack
from services.cli.supervising import Child, Supervisor
from shared.config import Settings
from shared.errors import NotReady
from shared.models.mediapipe_bundles import BUNDLES
from shared.rpc import is_serving, open_channel, until_signal
from vitrine.v1 import catalog_pb2, catalog_pb2_grpc, visual_search_pb2, visual_search_pb2_grpc

app = typer.Typer()

READY_TIMEOUT_S = 60.0
CATCH_UP_TIMEOUT_S = 300.0


class _Lines:
    """The three columns that ``vitrine run`` prints: topic, sentence, duration."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.monotonic()

    def say(self, topic: str, sentence: str) -> None:
        lap, self._start = time.monotonic() - self._start, time.monotonic()
        duration = f"{lap:.0f}s" if lap >= 1 else ""
        self._console.print(f"  {topic:<9} {sentence:<58} {duration}".rstrip(), soft_wrap=True)

    def tell(self, topic: str, sentence: str) -> None:
        """What happened by itself: how long that took would mean nothing."""
        self._console.print(f"  {topic:<9} {sentence}".rstrip(), soft_wrap=True)

    def add(self, sentence: str) -> None:
        self.tell("", sentence)


def _members(settings: Settings) -> list[Member]:
    """The gRPC services to run: pose only where its models are."""
    folder = settings.state_dir / "models"
    posed = all((folder / bundle.file).is_file() for bundle in BUNDLES.values())
    return [*MEMBERS.values(), *([POSE] if posed else [])]


def _children(settings: Settings, demo: Path | None) -> list[Child]:
    logs = settings.state_dir / "logs"
    environment = {"VITRINE_STATE_DIR": str(settings.state_dir)}
    if demo is not None and settings.samples_dir is None:
        environment["VITRINE_SAMPLES_DIR"] = str((demo / "photos").absolute())
    packages = {member.name: member.package for member in _members(settings)}
    return [
        Child(name, package, logs / f"{name}.log", environment)
        for name, package in {**packages, "gateway": "services.gateway"}.items()
    ]


async def _refuse_if_running(settings: Settings) -> None:
    for name in (member.name for member in _members(settings)):
        address = getattr(settings, f"{name}_address")
        async with open_channel(address) as channel:
            if await is_serving(channel, "", timeout_s=1.0):
                raise NotReady(
                    f"something already serves gRPC at {address} ({name}); stop it, or set "
                    f"VITRINE_{name.upper()}_LISTEN and VITRINE_{name.upper()}_ADDRESS",
                    reason="ADDRESS_IN_USE",
                )
    names = [*(member.name for member in _members(settings)), "gateway"]
    check_addresses({name: getattr(settings, f"{name}_listen") for name in names})


async def _until(settings: Settings, name: str, serves: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            while not await serves():
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        log = settings.state_dir / "logs" / f"{name}.log"
        address = getattr(settings, f"{name}_address", settings.gateway_listen)
        raise NotReady(
            f"{name} is not ready at {address} after {READY_TIMEOUT_S:.0f} s; see {log}"
        ) from error


async def _until_serving(settings: Settings) -> None:
    for member in _members(settings):
        async with open_channel(getattr(settings, f"{member.name}_address")) as channel:
            await _until(settings, member.name, partial(is_serving, channel, member.full_name, 2.0))
    await _until(settings, "gateway", partial(opens, settings))


async def _load_demo(settings: Settings, folder: Path, console: Console) -> None:
    from services.catalog.commands import load_folder

    await asyncio.to_thread(write_with_progress, folder, console)
    async with open_channel(settings.catalog_address) as channel:
        await load_folder(catalog_pb2_grpc.CatalogServiceStub(channel), folder, console)


async def _catalog_status(settings: Settings) -> Any:
    async with open_channel(settings.catalog_address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        return await stub.GetCatalogStatus(catalog_pb2.GetCatalogStatusRequest(), timeout=30)


async def _until_caught_up(settings: Settings, revision: int) -> None:
    async with open_channel(settings.search_address) as channel:
        stub = visual_search_pb2_grpc.VisualSearchServiceStub(channel)
        async with asyncio.timeout(CATCH_UP_TIMEOUT_S):
            while True:
                request = visual_search_pb2.GetIndexStatusRequest()
                status = await stub.GetIndexStatus(request, timeout=30)
                if min(status.applied_revision, status.local_features_revision) >= revision:
                    return
                await asyncio.sleep(0.1)


def _command() -> str:
    """How this shell reaches the command: by name, or by the path of its environment."""
    beside = Path(sys.executable).with_name("vitrine")
    found = shutil.which("vitrine")
    if found and Path(found).resolve() == beside.resolve():
        return "vitrine"
    try:
        return str(beside.relative_to(Path.cwd()))
    except ValueError:
        return str(beside)


def _say_ready(settings: Settings, lines: _Lines, demo: Path | None) -> None:
    names = [member.name for member in _members(settings)]
    lines.say("ready", f"{door(settings)}   (REST: {door(settings)}/docs)")
    if outside := door_from_outside(settings):
        lines.add(f"from other devices: {outside}")
    lines.add(
        "gRPC: " + "  ".join(f"{name} {getattr(settings, f'{name}_address')}" for name in names)
    )
    lines.add(f"logs: {settings.state_dir / 'logs'}   stop: Ctrl-C")
    command = _command()
    photos = (demo or Path("demo")) / "photos"
    lines.say("try", f"{command} scan   {photos / 'shelf-03.jpg'} --store berlin-1")
    lines.add(f"{command} search {photos / 'armchair.jpg'} --filter 'price<300'")
    lines.add(f"{command} search --text 'green tea' --store berlin-1")
    if (photos / "portrait.jpg").is_file():
        lines.add(f"{command} tryon  {photos / 'portrait.jpg'} --sku GLS-104 --out me.png")


async def _start(settings: Settings, lines: _Lines, demo: Path | None, console: Console) -> None:
    await _until_serving(settings)
    names = [member.name for member in _members(settings)]
    lines.say("services", ", ".join([*names, "gateway"]))
    if POSE.name not in names:
        lines.add("pose is not started: its models are missing; get them with `vitrine models`")
    status = await _catalog_status(settings)
    loaded = demo is not None and status.revision == 0
    if loaded and demo is not None:
        await _load_demo(settings, demo, console)
        status = await _catalog_status(settings)
        await _until_caught_up(settings, status.revision)
    note = "  (demo)" if loaded else ""
    lines.say("catalog", f"{status.products} products, {status.stores} stores{note}")
    _say_ready(settings, lines, demo)


async def _run(settings: Settings, demo: Path | None) -> None:
    console = Console(highlight=False)
    lines = _Lines(console)
    await _refuse_if_running(settings)
    with holding(settings.state_dir):
        await _supervise(settings, demo, lines, console)


async def _supervise(
    settings: Settings, demo: Path | None, lines: _Lines, console: Console
) -> None:
    supervisor = Supervisor(_children(settings, demo), lines.tell)
    stopped = asyncio.create_task(until_signal())
    await asyncio.sleep(0)  # signals are handled from here on, before there is what to stop
    await supervisor.start()
    started = asyncio.create_task(_start(settings, lines, demo, console))
    try:
        await asyncio.wait({stopped, started}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            started.result()
            await stopped
    finally:
        started.cancel()
        lines.tell("stopping", "")
        await supervisor.stop()
        lines.tell("stopped", "all services ended; everything is on disk")


@app.command()
def run(
    context: typer.Context,
    demo: Annotated[
        Path | None,
        typer.Option(help="Folder of the demo catalogue, loaded into an empty catalogue."),
    ] = None,
) -> None:
    """Start every service on this machine and keep them running until Ctrl-C."""
    stack: Stack = context.obj
    asyncio.run(_run(stack.settings, demo))


async def _states(settings: Settings) -> dict[str, bool]:
    states = {}
    for member in _members(settings):
        async with open_channel(getattr(settings, f"{member.name}_address")) as channel:
            states[member.name] = await is_serving(channel, member.full_name)
    return {**states, "gateway": await opens(settings)}


@app.command()
def status(context: typer.Context) -> None:
    """Say which services answer; exit code 1 when one does not."""
    stack: Stack = context.obj
    states = asyncio.run(_states(stack.settings))
    for name, serving in states.items():
        address = getattr(stack.settings, f"{name}_address", stack.settings.gateway_listen)
        typer.echo(f"{name:<10} {address:<22} {'serving' if serving else 'not serving'}")
    raise typer.Exit(0 if all(states.values()) else 1)
