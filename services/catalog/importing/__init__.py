"""The parts of an import; ``services.catalog.importer`` puts them together.

report      options in, report out
web_images  pictures from the web, from addresses that are allowed
sources     pictures of a feed, wherever they are; what to send and what to remove
preparing   rows in groups, their pictures looked up
sending     groups into the catalogue
uploads     feeds that are sent over gRPC, into the same import
"""
