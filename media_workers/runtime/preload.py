"""Imported by the forkserver and by nothing else: importing it changes the process.

It imports what a line needs, so that one starts in a fraction of a second. Importing is all that may
happen: threads and sessions do not survive a fork. (numpy's OpenBLAS would start threads; the
supervisor forbids it by OPENBLAS_NUM_THREADS. The one thread that onnxruntime starts on import is
not missed by the sessions that the lines make.)
"""

import gc
import signal

from media_workers.providers import registry
from media_workers.runtime import line_process as line_process
from media_workers.runtime.browser import process as process
from media_workers.runtime.processes import die_with_parent

die_with_parent()
# A signal meant for the whole node must not take the lines away under their supervisor.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
registry.preload()
gc.collect()
gc.freeze()
