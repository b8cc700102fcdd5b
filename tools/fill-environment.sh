# Create .venv and install one lock into it: fill-environment.sh <python> <lock> <stamp>
# The Makefile calls it, under a lock. The stamp is written last, so that an interrupted installation is repeated.
set -eu
python=$1 lock=$2 stamp=$3

say() { printf '%s\n' "$*"; }
stop_with() { say "$*" >&2; exit 1; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    stop_with "You need Python 3.11 or later. Run: apt-get install python3, or: make PYTHON=/path/to/python3.11"

# Another make may have installed it while this one waited for the lock.
if [ -e "$stamp" ] && [ "$stamp" -nt "$lock" ] && [ "$stamp" -nt requirements-bootstrap.txt ]; then exit 0; fi

if [ -d .venv ] && { [ -e .venv/.filling ] || ! .venv/bin/python -c '' 2>/dev/null; }; then
    say "The virtual environment is incomplete or broken: creating it again."
    rm -rf .venv
fi
if [ ! -d .venv ]; then
    say "Creating the virtual environment …"
    "$python" -m venv .venv >.make/venv.log 2>&1 || {
        rm -rf .venv
        stop_with "python3 cannot create a virtual environment. Run: apt-get install python3-venv (the reason is in .make/venv.log)"
    }
fi
touch .venv/.filling
.venv/bin/uv --version >/dev/null 2>&1 ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements-bootstrap.txt ||
    stop_with "The package index did not respond, or does not have a locked package. Run make again, or read pip's message above."
say "Installing and compiling $lock (about half a minute) …"
.venv/bin/uv pip install --quiet --no-cache --python .venv/bin/python --require-hashes --compile-bytecode -r "$lock" ||
    stop_with "uv could not install the packages of $lock. Run make again, or read uv's message above."
cat >.venv/bin/sia <<'END'
#!/bin/sh
# The project's command line, for use from any folder.
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$here/../../plugins" exec "$here/python" -m sia.cli "$@"
END
chmod +x .venv/bin/sia
rm .venv/.filling
touch "$stamp"
