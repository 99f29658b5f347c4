"""The services. Each is one folder, one process and one contract in ``vitrine.v1``."""
