"""Configuration: every knob, its default and its environment variable.

A service's ``__main__`` reads it once; nothing else reads the environment. Each
field ``name`` is the variable ``VITRINE_NAME``. With none set, everything runs on
one machine: SQLite, Qdrant Edge and an in-process cache under ``state_dir``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import NotReady


def _default_state_dir() -> Path:
    """``$XDG_DATA_HOME/vitrine``, by the XDG Base Directory specification."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "vitrine"


class Settings(BaseSettings):
    """All settings of all services. Secrets never appear in ``repr`` or logs."""

    model_config = SettingsConfigDict(env_prefix="VITRINE_", extra="ignore", frozen=True)

    state_dir: Path = Field(
        default_factory=_default_state_dir, description="where databases, images and models live"
    )
    catalog_listen: str = Field("127.0.0.1:50051", description="address the catalogue binds")
    search_listen: str = Field("127.0.0.1:50052", description="address visual search binds")
    scanning_listen: str = Field("127.0.0.1:50053", description="address scanning binds")
    pose_listen: str = Field("127.0.0.1:50054", description="address pose binds")
    catalog_address: str = Field("127.0.0.1:50051", description="where clients find the catalogue")
    search_address: str = Field("127.0.0.1:50052", description="where clients find visual search")
    scanning_address: str = Field("127.0.0.1:50053", description="where clients find scanning")
    pose_address: str = Field("127.0.0.1:50054", description="where clients find pose")
    shopper_address: str = Field(
        "", description="where clients find shopper; empty = pose, for its development consent"
    )
    gateway_listen: str = Field(
        "127.0.0.1:8080", description="address the gateway binds, or unix:PATH"
    )
    gateway_tls_cert: Path | None = Field(
        None, description="PEM chain: serve HTTPS, which phones want for their camera"
    )
    gateway_tls_key: Path | None = Field(None, description="PEM key of that certificate")
    gateway_max_uploads: int = Field(
        32, ge=1, le=1000, description="request bodies read at once before 429"
    )
    gateway_max_streams: int = Field(
        128, ge=1, le=10_000, description="WebSockets and change feeds at once before 429"
    )
    gateway_import: Literal["local", "on", "off"] = Field(
        "local",
        description="who may import feeds over HTTP, the one thing that the gateway lets write: "
        "local = who asks for a loopback address on this machine, on = whoever can reach it",
    )
    samples_dir: Path | None = Field(
        None, description="pictures and clips that the pages offer to try"
    )
    cors_origins: str = Field(
        "", description="origins that may call the gateway, separated by commas; empty = its own"
    )
    catalog_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL of the catalogue; empty = SQLite in state_dir"
    )
    images_url: str = Field("", description="fsspec URL of reference images; empty = state_dir")
    qdrant_url: str = Field("", description="URL of a Qdrant cluster; empty = Qdrant Edge")
    qdrant_api_key: SecretStr = Field(SecretStr(""), description="key of that cluster")
    redis_url: SecretStr = Field(SecretStr(""), description="Redis URL; empty = in-process cache")
    embedder: str = Field("", description="id of the embedder; empty = the one chosen last")
    models_dir: Path | None = Field(None, description="further model cards and files")
    threads: int = Field(
        default_factory=lambda: min(4, os.cpu_count() or 1),
        ge=1,
        le=256,
        description="threads of one inference session",
    )
    pose_trackers: int = Field(
        8, ge=1, le=1000, description="try-on streams at once before RESOURCE_EXHAUSTED"
    )
    consent_keys: Path | None = Field(
        None, description="JWK set whose consent tokens count; empty = a development key"
    )
    max_in_flight: int = Field(
        64, ge=1, le=10_000, description="requests at once before RESOURCE_EXHAUSTED"
    )
    max_feed_bytes: int = Field(128 << 20, ge=1, description="largest product feed that is sent")
    import_private: bool = Field(
        False, description="fetch pictures of feeds that are sent from private addresses too"
    )
    max_image_bytes: int = Field(8 << 20, ge=1, description="largest encoded image")
    max_image_megapixels: float = Field(25.0, gt=0, description="largest decoded image")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="one JSON object a line instead of text")

    @property
    def catalog_database_url(self) -> str:
        """SQLAlchemy URL of the catalogue's database, the SQLite default filled in."""
        configured = self.catalog_url.get_secret_value()
        return configured or f"sqlite:///{self.state_dir / 'catalog' / 'catalog.sqlite'}"

    @property
    def reference_images_url(self) -> str:
        """The fsspec URL of the reference images, the local default filled in."""
        return self.images_url or str(self.state_dir / "catalog" / "images")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """``cors_origins`` one by one, for example ``https://shop.example``."""
        listed = (origin.strip().rstrip("/") for origin in self.cors_origins.split(","))
        return tuple(origin for origin in listed if origin)

    @property
    def consent_dir(self) -> Path:
        """Folder of the development key that signs consent tokens."""
        return self.state_dir / "consent"

    @property
    def index_dir(self) -> Path:
        """Folder of the embedded vector index."""
        return self.state_dir / "visual_search"


def read_settings(**overrides: object) -> Settings:
    """Read the settings from the environment, with ``overrides`` on top.

    Raises:
        NotReady: a variable has a value that does not fit (``SETTING_INVALID``);
            the message names each such variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"VITRINE_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise NotReady(wrong, reason="SETTING_INVALID") from error
