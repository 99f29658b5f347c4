"""Fixtures that every folder may ask for by name."""

import signal

pytest_plugins = ["tests.servers", "tests.mediapipe_models"]

# A shell that starts the tests in the background ignores SIGINT, and what they start inherits
# that: Ctrl-C could not be tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
