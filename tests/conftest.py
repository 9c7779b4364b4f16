"""Each of the processes that run tests compiles librosa's functions for itself.

Two that write Numba's cache at once can damage it, and who reads it then crashes.
"""

import os
import tempfile

if "PYTEST_XDIST_WORKER" in os.environ:
    _cache = tempfile.TemporaryDirectory(prefix="numba-")
    os.environ["NUMBA_CACHE_DIR"] = _cache.name
