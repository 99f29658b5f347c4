"""Tests: one folder per service, mirroring the tree."""
