"""The services. Each is one folder, one process and one contract in ``vitrine.v1``."""

import os

# NumPy's OpenBLAS reads this once, when NumPy is imported. Our products are small and many
# calls run beside each other: threads that wait for each other only lengthen them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
