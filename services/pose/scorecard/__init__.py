"""How good a try-on is, against truth that is exactly known; and streams recorded and replayed.

``score_tryon`` moves the canonical face, a hand and a body along known paths, gives their
landmarks with noise to the tracker and compares what comes out with what went in. ``replay``
feeds recorded landmarks through the tracker and gives the same bytes every time.
"""

from services.pose.scorecard.score import BARS, Score, as_table, score_tryon

__all__ = ["BARS", "Score", "as_table", "score_tryon"]
