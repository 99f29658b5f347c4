"""The OpenAPI 3.1 document, made from the table of operations and the contracts.

document      the whole, and its handler
joined_paths  the paths that are no single RPC
documented    the answers and problems of an operation
schemas       messages as JSON Schemas
comments      what the contracts say, from their ``.proto`` files
"""
