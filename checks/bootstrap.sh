#!/bin/sh
# The steps that make .venv, for the Makefile:
#   bootstrap.sh locked    a fresh environment with the packages of requirements.lock
#   bootstrap.sh project   pincite itself, editable
#   bootstrap.sh dev       what tests and checks need, from requirements-dev.lock
# With uv where it is installed, else with venv and pip. PYTHON=/path/to/python picks the interpreter.
set -eu
cd "$(dirname "$0")/.."
# Bytecode is written now, since later it may not be allowed. Files are copied, not linked, since nltk
# refuses to read a hard-linked one.
unset PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy

python=.venv/bin/python

has_uv() { command -v uv >/dev/null 2>&1; }

say() { printf 'pincite: %s\n' "$*"; }

# Prints the first interpreter that will do; where there is none, says what is wanted.
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
    say "needs Python 3.11 to 3.14 with its venv module; $1 is $("$1" --version 2>/dev/null || echo missing)."
    say "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13)"
    say "or name one: make setup PYTHON=/path/to/python"
  } >&2
  return 1
}

make_environment() {
  if has_uv; then
    rm -rf .venv # since uv differs by its version in what it does to one that is there
    uv venv --quiet --python "${PYTHON:->=3.11,<3.15}" .venv
  else
    interpreter=$(find_python)
    "$interpreter" -m venv --clear .venv
    # The pip of an older Python needs twice the time for a lock file of this length.
    pip install --quiet 'pip>=25'
  fi
}

# install ARGUMENTS...
install() {
  if has_uv; then
    uv pip install --quiet --python $python "$@"
  else
    pip install --quiet --no-compile "$@"
  fi
}

install_pinned() {
  install --require-hashes --no-deps -r "$1"
  # On all cores, which pip does not; what cannot be compiled is no module anybody imports.
  has_uv || $python -m compileall -q -j 0 .venv/lib || true
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
    install --no-deps --editable .
    $python -m compileall -q ingest rag ui evals models
    ;;
  dev)
    say "installing the tools for tests and checks"
    install_pinned requirements-dev.lock
    ;;
esac
touch ".venv/.$1"
