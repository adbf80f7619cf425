"""The command line of pincite, killed the moment before its n-th change of files that Python knows of.

Usage: python killed_command.py FOLDER NUMBER ARGUMENT…, with 0 for one that is left alone. FOLDER.begun tells
that the command has begun, and FOLDER.moments in the end what changes it made below FOLDER, one a line. What
the engine writes by itself is not seen.
"""

import atexit
import os
import signal
import sys
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}


def watch(folder, fatal):
    """Kills the process before the change of that number; the changes so far."""
    moments = []

    def hook(event, arguments):
        changing = arguments[2] & WRITING if event == "open" else event in CHANGES
        if changing and str(arguments[0]).startswith(folder + os.sep):
            moments.append(f"{event} {arguments[0]}")
            if len(moments) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return moments


if __name__ == "__main__":
    folder, fatal, *arguments = sys.argv[1:]
    moments = watch(folder, int(fatal))
    atexit.register(lambda: Path(f"{folder}.moments").write_text("\n".join(moments), "utf-8"))
    from ui.cli.__main__ import main

    Path(f"{folder}.begun").touch()
    sys.exit(main(arguments))
