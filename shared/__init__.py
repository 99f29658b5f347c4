"""What every service stands on: images, geometry, errors, cache, RPC plumbing, models.

Nothing in here imports a service. ``shared.errors``, ``shared.image`` and
``shared.geometry`` know no gRPC, no Redis and no environment.
"""
