#!/bin/sh
# Says what this machine lacks, each in one line with the command that fixes it.
python="$1"
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is missing. Mend it with: sudo apt-get install python3 python3-venv   (or name one: make PYTHON=/path/to/python3.12 ...)" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$python is older than 3.11, or does not run. Name a newer one: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python's venv is missing. Mend it with: sudo apt-get install python$version-venv" >&2
    exit 1
fi
