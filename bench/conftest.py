"""Pins threads before any test module imports a library."""

import threads

threads.pin()
