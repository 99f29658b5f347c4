"""What one wears: garments, eyewear, hats, jewellery, watches, shoes, lipsticks.

A product and a pose go in, a cut-out comes out; named points say where it is worn.
"""
