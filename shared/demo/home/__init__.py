"""Furniture, built from surfaces: a product goes in, its surfaces come out."""
