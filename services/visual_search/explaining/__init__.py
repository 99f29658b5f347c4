"""Why two pictures match.

explainer  what each place of either adds to their similarity, and points that agree
detail     printed detail of a picture, taken once
pointing   where in the picture the product is, read off its map
reading    what a person may take from it: where the thing is seen
drawing    the same as a picture for a person at a counter
"""
