"""Fixtures that every folder may ask for by name."""

pytest_plugins = ["tests.servers", "tests.mediapipe_models"]
