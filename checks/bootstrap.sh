#!/bin/sh
# The steps that make .venv, for the Makefile:
#   bootstrap.sh locked    a fresh environment with the packages of requirements.lock
#   bootstrap.sh project   pincite itself, editable
#   bootstrap.sh dev       what tests and checks need, from requirements-dev.lock
# With uv where it is installed, else with venv and pip. PYTHON=/path/to/python picks the interpreter.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

python=.venv/bin/python

has_uv() { command -v uv >/dev/null 2>&1; }

say() { printf 'pincite: %s\n' "$*"; }

# Prints the first interpreter that will do; if there is none, what was tried.
find_python() {
  if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
  else
    set -- python3 python3.13 python3.12 python3.11 python3.14 python
  fi
  for candidate in "$@"; do
    "$candidate" - 2>/dev/null <<'END' && { echo "$candidate"; return; }
import sys, ensurepip, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
END
  done
  {
    say "needs Python 3.11 to 3.14 with its venv module, and $* will not do ($1: $("$1" --version 2>&1 | tail -n 1))."
    say "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13)"
    say "or name one: make setup PYTHON=/path/to/python"
  } >&2
  return 1
}

make_environment() {
  rm -rf .venv
  if has_uv; then
    uv venv --quiet --python "${PYTHON:->=3.11,<3.15}" .venv
  else
    interpreter=$(find_python)
    "$interpreter" -m venv .venv
    # The pip of an older Python needs twice the time for a lock file of this length.
    pip install --quiet 'pip>=25'
  fi
}

# install_pinned LOCK: bytecode is compiled now, since later it may not be allowed (a file that cannot be
# compiled is one that nobody imports); files are copied, since nltk refuses to read a hard-linked one.
install_pinned() {
  set -- --quiet --require-hashes --no-deps -r "$1"
  if has_uv; then
    UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy uv pip install --python $python "$@"
  else
    pip install --no-compile "$@"
    $python -m compileall -q -j 0 .venv/lib || true
  fi
}

install_project() {
  if has_uv; then
    uv pip install --python $python --quiet --no-deps --editable .
  else
    pip install --quiet --no-deps --editable .
  fi
  $python -m compileall -q ingest rag ui evals models
}

# An environment that uv made has no pip yet.
pip() {
  $python -m pip --version >/dev/null 2>&1 || $python -m ensurepip >/dev/null
  $python -m pip --disable-pip-version-check "$@"
}

case $1 in
  locked)
    make_environment
    say "installing $(grep -c '==' requirements.lock) packages into .venv (a minute or two, once)"
    install_pinned requirements.lock
    ;;
  project)
    install_project
    ;;
  dev)
    say "installing the tools for tests and checks"
    install_pinned requirements-dev.lock
    ;;
esac
touch ".venv/.$1"
