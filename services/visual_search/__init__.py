"""Visual search: image, SKU or text in; products that look or sound like it, best first, out.

In: the catalogue's changes (``following``), embedded and kept in a vector index that
survives a kill at any moment; and requests: pictures or parts of them, SKUs, words,
filters. Out: ranked products (``searching``), or calibrated probabilities per region
with room for "none of these" (``recognition``), each with the model, the index
generation and the catalogue revision that it reflects.

Errors: ``InvalidInput`` names the field at fault (``IMAGE_*``, ``ATTRIBUTE_UNKNOWN``),
``NotFound`` an unknown SKU or store, ``TooSlow`` with ``INDEX_BEHIND`` a revision that
was not reached in time, ``NotReady`` a missing model, ``Overloaded`` a full queue.
"""
