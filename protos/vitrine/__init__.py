"""Vitrine's contracts: generated from the ``.proto`` files beside this module."""
