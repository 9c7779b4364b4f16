"""What holds in each of the processes that run tests."""

import os
import signal
import tempfile

# Two that write Numba's cache at once can damage it, and who reads it then crashes.
if "PYTEST_XDIST_WORKER" in os.environ:
    _cache = tempfile.TemporaryDirectory(prefix="numba-")
    os.environ["NUMBA_CACHE_DIR"] = _cache.name

# What runs in the background ignores Ctrl-C, and so would the processes that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
