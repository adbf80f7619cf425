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
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"})


def changes(folder, event, arguments):
    """Whether what is about to be done changes a file below the folder."""
    changing = arguments[2] & WRITING if event == "open" else event in CHANGES
    return bool(changing) and str(arguments[0]).startswith(folder)


def watch(folder, fatal):
    """Kills the process before the change of that number; the changes so far."""
    moments = []

    def hook(event, arguments):
        if (event == "open" or event in CHANGES) and changes(folder, event, arguments):
            moments.append(f"{event} {arguments[0]}")
            if len(moments) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return moments


def main():
    folder, fatal, *arguments = sys.argv[1:]
    moments = watch(folder + os.sep, int(fatal))
    atexit.register(lambda: Path(f"{folder}.moments").write_text("\n".join(moments), "utf-8"))
    from ui.cli.__main__ import main as pincite

    Path(f"{folder}.begun").touch()
    return pincite(arguments)


if __name__ == "__main__":
    sys.exit(main())
