"""The command line of pincite, killed the moment before its n-th change of files that Python knows of.

Usage: python killed_command.py FOLDER NUMBER ARGUMENT…, with 0 for one that is left alone. How many such
moments it had below FOLDER is then written to FOLDER.moments. What the engine writes by itself is not seen.
"""

import atexit
import itertools
import os
import signal
import sys
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"})


def changes_below(folder, event, arguments):
    """Whether what is about to be done changes a file of the folder."""
    if event == "open":
        changing = bool(arguments[2] & WRITING)
    else:
        changing = event in CHANGES
    return changing and str(arguments[0]).startswith(folder)


def watch(folder, fatal):
    moments = itertools.count(1)
    last = [0]

    def hook(event, arguments):
        if (event == "open" or event in CHANGES) and changes_below(folder, event, arguments):
            last[0] = next(moments)
            if last[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return last


def main():
    folder, fatal, *arguments = sys.argv[1:]
    last = watch(folder + os.sep, int(fatal))
    atexit.register(lambda: Path(f"{folder}.moments").write_text(str(last[0])))
    from ui.cli import main as pincite

    return pincite(arguments)


if __name__ == "__main__":
    sys.exit(main())
