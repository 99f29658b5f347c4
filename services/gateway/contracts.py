"""The contracts as the gateway needs them: RPCs by name, with paths and message classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from vitrine.v1 import catalog_pb2, pose_pb2, scanning_pb2, shopper_pb2, visual_search_pb2

FILES = (
    catalog_pb2.DESCRIPTOR,
    visual_search_pb2.DESCRIPTOR,
    scanning_pb2.DESCRIPTOR,
    pose_pb2.DESCRIPTOR,
    shopper_pb2.DESCRIPTOR,
)
"""Importing these puts the contracts into the default pool."""


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC of the contracts.

    Attributes:
        method: its descriptor.
        path: what gRPC calls it: ``/vitrine.v1.CatalogService/ListProducts``.
        service: full name of its service.
        request: class of its requests.
        response: class of its responses.
    """

    method: MethodDescriptor
    path: str
    service: str
    request: type[Message]
    response: type[Message]


def rpc(service: str, name: str) -> Rpc:
    """Find an RPC.

    >>> rpc("CatalogService", "ListStores").path
    '/vitrine.v1.CatalogService/ListStores'
    """
    pool: Any = Default()
    full_name = f"vitrine.v1.{service}"
    method = pool.FindMethodByName(f"{full_name}.{name}")
    return Rpc(
        method,
        f"/{full_name}/{name}",
        full_name,
        GetMessageClass(method.input_type),
        GetMessageClass(method.output_type),
    )
