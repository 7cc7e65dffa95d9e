#!/usr/bin/env python3
"""Runs a command and writes what it cost: wall, user and system seconds, and most KiB of one process.

    scripts/cost.py FILE COMMAND..

`time` counts a process only when its parent has waited for it, so workers that end with their
program cost nothing there. This one waits for all that are left behind (Linux's "subreaper").
"""

import ctypes
import os
import resource
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36

ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
start = time.monotonic()
status = subprocess.call(sys.argv[2:])
wall = time.monotonic() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w", encoding="ascii") as file:
    print(f"{wall:.3f} {used.ru_utime:.3f} {used.ru_stime:.3f} {used.ru_maxrss}", file=file)
sys.exit(status)
