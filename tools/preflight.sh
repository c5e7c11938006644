#!/bin/sh
# Says what this machine lacks, each in one line with the command that fixes it.
python="$1"
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is missing. On Debian 12, Ubuntu 24.04 or newer: sudo apt-get install python3-venv   Elsewhere install one and name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$python is older than 3.11, or does not run. Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "The venv module of $python is missing. On Debian or Ubuntu: sudo apt-get install python$version-venv" >&2
    exit 1
fi
