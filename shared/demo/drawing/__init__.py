"""How things are drawn: paint, camera and light, solids, surfaces, flat pieces, bar codes.

Arrays in, arrays out; knows no products. Raises ``InvalidInput`` for a GTIN that is none.
"""
