"""Printed packaging: what is printed on it, and the box, can, bottle or pouch it is on.

A product and a pose go in, a cut-out comes out.
"""
