"""Recognition over photos whose truth is known: measured, and calibrated to them.

photos            labelled photos, read from a CSV
catalog_photos    the same from the catalogue's reference images
public_galleries  CSVs of the public photos
full_pipeline     recognition by scanning's functions, over a gallery of photos of one thing each
lookups           queries looked up in a gallery, counted
open_set          figures: strangers told from what is known, true probabilities
cases             queries whose truth is known, side by side, answered all at once
fitting           a calibration fitted to cases
calibrating       labelled queries to a calibration, measured on labels held out
memory            what one photo needed is kept for the next
measuring         what ``vitrine evaluate`` and ``vitrine calibrate`` do
"""
