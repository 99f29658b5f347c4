"""A demo department store, drawn by our own code: products, reference images, scenes, truth.

In goes nothing but a SKU or a seed; out come arrays and values that are the same
in every run and every process. ``catalogue`` holds the products, ``views`` draws
their reference images, ``tryon`` their try-on assets, ``scenes`` composes photos of
them with the truth about what is where, and ``writing`` puts all of it into a folder
as a feed that ``vitrine import`` reads. Raises ``NotFound`` for an unknown SKU.
"""
