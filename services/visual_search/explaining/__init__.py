"""Why two pictures match.

explainer  what each place of either adds to their similarity, and points that agree
drawing    the same as a picture for a person at a counter
"""
