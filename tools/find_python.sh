#!/bin/sh
# Prints the Python to use: the one named, or else the newest supported one on the PATH.
# Exits 1 with one line on standard error if there is none.
set -eu
wanted=${1:-}

# The lock file has wheels for these and no others; raise NEWEST together with requirements.lock.
OLDEST=11
NEWEST=14

fail() {
    echo "labkit: $1" >&2
    exit 1
}

# Whether a command is a Python that can make the environment; sets $why where it can't.
usable() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || {
        why="$1 doesn't run"
        return 1
    }
    minor=${version#3.}
    case $version in 3.*) ;; *) minor=0 ;; esac
    if [ "$minor" -lt $OLDEST ]; then
        why="$1 is Python $version, which is too old: labkit needs 3.$OLDEST to 3.$NEWEST"
        return 1
    fi
    if [ "$minor" -gt $NEWEST ]; then
        why="$1 is Python $version, which is newer than the pinned packages: labkit needs 3.$OLDEST to 3.$NEWEST"
        return 1
    fi
    "$1" -c 'import ensurepip, venv' 2>/dev/null || {
        why="$1 (Python $version) has no venv module: install your system's python$version-venv package"
        return 1
    }
}

find_python() {
    reason=
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        command -v "$candidate" >/dev/null || continue
        if usable "$candidate"; then
            python=$candidate
            return
        fi
        # The last reason is the one to tell, unless a candidate doesn't run at all (a version manager's shim).
        case $why in *"doesn't run") ;; *) reason=$why ;; esac
    done
    fail "${reason:-no Python 3.$OLDEST to 3.$NEWEST is on the PATH}. You can name one: make PYTHON=/path/to/python3"
}

if [ -n "$wanted" ]; then
    usable "$wanted" || fail "$why."
    python=$wanted
else
    find_python
fi

echo "$python"
