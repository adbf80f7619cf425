"""Runs a command under strace, and reads from the log what it wrote and whom it talked to."""

import functools
import ipaddress
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CALLS = (
    "connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat"
)
SEND = ("connect", "sendto", "sendmsg", "sendmmsg")
OPEN = ("open", "openat", "openat2", "creat")
MAKE = ("creat", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "link", "linkat")

CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<path>(?:[^"\\]|\\.)*)"')
INET = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')
UNIX = re.compile(r'sun_path=@?"([^"]*)"')
WRITING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
RESOLVER = ("/etc/resolv.conf", "/run/systemd/resolve/")
DOMAIN = 53


@functools.cache
def why_not():
    """Why no process can be traced here; "" if one can."""
    if not sys.platform.startswith("linux"):
        return "needs strace, which is of Linux"
    if shutil.which("strace") is None:
        return "needs strace (Debian: apt-get install strace), which is not on the path"
    tried = subprocess.run(
        ["strace", "-f", "-D", "-e", "trace=openat", "true"], check=False, capture_output=True, text=True
    )
    if tried.returncode or "openat" not in tried.stderr:
        return f"needs ptrace, which is forbidden here: {tried.stderr.strip()[:200]}"
    return ""


@functools.cache
def _faster():
    """The option by which only the calls that are traced are stopped at; strace before 5.3 has none."""
    option = ["--seccomp-bpf"]
    tried = subprocess.run(
        ["strace", "-f", *option, "-e", "trace=none", "true"], check=False, capture_output=True, text=True
    )
    return [] if tried.returncode else option


def traced(command, log, **options):
    """Start a command; its own process is the one that is returned, strace follows it as a grandchild.

    That one holds on to the pipes, so at their end the log is whole.
    """
    tracer = ["strace", "-f", "-D", "-y", *_faster(), "-s", "256", "-o", log, "-e", f"trace={CALLS}"]
    return subprocess.Popen(
        [*map(str, tracer), *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )


def calls(log):
    """Name and arguments of every traced call, as they stood when it began."""
    for line in Path(log).read_text(errors="replace").splitlines():
        if found := CALL.match(line):
            yield found[1], found[2]


def conversations(log):
    """The calls that reach, or look for, anything but this machine's own internet sockets."""
    for name, arguments in calls(log):
        inet = INET.findall(arguments)
        away = [
            port for port, host in inet if int(port) == DOMAIN or not ipaddress.ip_address(host).is_loopback
        ]
        if name in SEND and (away or UNIX.search(arguments)):
            yield f"{name}({arguments}"
        if name in OPEN and any(place in arguments for place in RESOLVER):
            yield f"{name}({arguments}"


def written(log, cwd):
    """The path of every file or folder that was opened for writing, made or given a name."""
    for name, arguments in calls(log):
        if name in MAKE or "symlink" in name or (name in OPEN and WRITING.search(_flags(arguments))):
            *_, place = PATH.finditer(arguments)
            yield os.path.normpath(Path(place["folder"] or cwd) / place["path"])


def opened(log, cwd):
    """The path of every file that was opened or looked for by opening it."""
    for name, arguments in calls(log):
        if name in OPEN and (place := PATH.search(arguments)):
            yield os.path.normpath(Path(place["folder"] or cwd) / place["path"])


def _flags(arguments):
    return PATH.sub("", arguments, count=1).partition(")")[0]


def stray(log, cwd, *own):
    """What was written anywhere but in our own places, /dev (shared memory is no device) and /proc."""
    places = [*map(str, own), "/dev", "/proc"]
    for path in dict.fromkeys(written(log, cwd)):
        inside = any(path == place or path.startswith(f"{place}/") for place in places)
        if not inside or path.startswith("/dev/shm"):
            yield path
