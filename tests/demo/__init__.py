"""Tests of the demo catalogue, its drawings and its photos."""
