"""Scanning: a picture or a stream of frames in, decisions about what they show out.

In: JPEG, PNG or WebP. Out: for each thing its box, whether it is IDENTIFIED, AMBIGUOUS
or UNKNOWN with a calibrated probability, the evidence, what contradicts it, the codes on
it, the candidates, and price and stock here. Over a stream the evidence about one thing
is pooled until it decides.

The way through: ``scanner`` decodes, has ``barcodes`` read codes and ``regions`` propose
where to look, asks the catalogue and visual search (``clients``), and ``items`` tells
things from parts; ``decision`` weighs the ``evidence``; ``tracks`` follows things over
frames, ``stream`` keeps frames from piling up, and ``closer`` looks closely, beside the
frames, at what their looks leave open.

Errors: ``ImageRefused`` with its ``IMAGE_*`` reason, ``InvalidInput`` for a wrong option
or a frame out of order, ``NotFound`` for an unknown store, ``Overloaded`` for too many
streams, ``Unavailable`` when the catalogue does not answer. When only visual search does
not answer, codes still decide, and the answer says so.
"""
