"""What the Makefile calls (prepare, deps, intake, execute, release, render, workbook, manifest, check), and warm."""

import signal
import sys

if sys.argv[:1] == ["-m"]:  # a command is being started: an interrupt ends it without a word until `run` takes over
    signal.signal(signal.SIGINT, signal.SIG_DFL)
