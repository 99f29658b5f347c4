"""Which products a region may show, with probabilities that leave room for none.

region_answers      where to look in a picture, and what each place may show
looks               products by their images
found_things        what local features found in the whole picture, as odds of regions
print_weights       how much print counts, by what looks say
calibration         scores to probabilities
verification        do local features agree with a reference under one homography?
reference_features  local features of reference images, the latest in memory
recognizer          all of it
"""
