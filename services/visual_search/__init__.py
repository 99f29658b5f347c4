"""Visual search: image, SKU or text in; products that look or sound like it, best first, out.

In: the catalogue's changes (``following``), embedded and kept in a vector index that
survives a kill at any moment; and requests: pictures or parts of them, SKUs, words,
filters. Out: ranked products (``searching``), or calibrated probabilities per region
with room for "none of these" (``recognition``), each with the model, the index
generation and the catalogue revision that it reflects.

The rooms, each built on those before it only:

embedding       pictures to vectors
index           products in a vector store: kept, filtered, ranked
local_features  a second way to find, by print
recognition     which products a region shows, with probabilities
following       the catalogue's changes, into the index and the local features
explaining      why two pictures match
searching       image, SKU or words to products
evaluation      how often all this is right, and fitting the probabilities
commands        ``vitrine search | evaluate | calibrate``

Errors: ``InvalidInput`` names the field at fault (``IMAGE_*``, ``ATTRIBUTE_UNKNOWN``),
``NotFound`` an unknown SKU or store, ``TooSlow`` with ``INDEX_BEHIND`` a revision that
was not reached in time, ``NotReady`` a missing model, ``Overloaded`` a full queue.
"""
