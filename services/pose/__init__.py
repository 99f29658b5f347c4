"""Pose: a camera frame in, landmarks and the place of each product out.

In: a picture or the frames of a stream, a consent token, the SKUs to try on. Out: faces,
hands and bodies as landmarks; placements at true scale; on request the picture with the
products drawn in. Errors: PERMISSION_DENIED without consent, INVALID_ARGUMENT for an
image that the gate refuses, FAILED_PRECONDITION where a model or a try-on asset is
missing, RESOURCE_EXHAUSTED when all trackers are busy.
"""
