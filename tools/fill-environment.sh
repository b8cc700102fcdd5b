# Make .venv and install one lock into it: fill-environment.sh <python> <lock> <stamp>
# Called by the Makefile, under a lock. The stamp is written last, so that what is half done is done again.
set -eu
python=$1 lock=$2 stamp=$3

say() { printf '%s\n' "$*"; }
give_up() { say "$*" >&2; exit 1; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    give_up "Python 3.11 or later is needed: apt-get install python3, or make PYTHON=/path/to/python3.11"

# Another make may have done it while this one waited for the lock.
if [ -e "$stamp" ] && [ "$stamp" -nt "$lock" ] && [ "$stamp" -nt requirements-bootstrap.txt ]; then exit 0; fi

if [ -d .venv ] && { [ -e .venv/.filling ] || ! .venv/bin/python -c '' 2>/dev/null; }; then
    say "The virtual environment is half made or broken: making it anew."
    rm -rf .venv
fi
if [ ! -d .venv ]; then
    say "Making the virtual environment …"
    "$python" -m venv .venv >.make/venv.log 2>&1 || {
        rm -rf .venv
        give_up "python3 cannot make a virtual environment here: apt-get install python3-venv (the reason is in .make/venv.log)"
    }
fi
touch .venv/.filling
.venv/bin/uv --version >/dev/null 2>&1 ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements-bootstrap.txt ||
    give_up "The package index did not answer or did not give what the lock names; run make again, or see pip's words above."
say "Installing and compiling $lock (about half a minute) …"
.venv/bin/uv pip install --quiet --no-cache --python .venv/bin/python --require-hashes --compile-bytecode -r "$lock" ||
    give_up "The packages of $lock could not be installed; run make again, or see uv's words above."
rm .venv/.filling
touch "$stamp"
