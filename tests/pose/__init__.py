"""Tests of services/pose."""
