"""A second way to find: local features of reference images, voting for what is in a picture.

In: reference images with their products, then pictures. Out: the printed things that a
picture shows, each with its outline and the features that agree, however many of one
product there are. Unlike the embedding it needs to be told no region, and no training on
the product; it holds for what is printed and roughly flat.

The way through the modules: ``features`` (RootSIFT of a picture) -> ``vocabulary``
(visual words and signatures) -> ``postings`` (inverted file in memory) -> ``voting``
(poses that several features agree on) -> ``matching`` (homography) -> ``finding`` (all
places of a picture) -> ``deciding`` (which products, by ``appearance`` where two share a
design). ``references`` is what is kept of a reference image, ``store`` keeps it on disk and
``index`` joins it to the inverted file. ``make_vocabulary`` trains the words that ship.
"""
