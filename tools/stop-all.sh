# Stop whatever of ours still runs, also where the virtual environment no longer works. Called by make clean.
set -u
if [ -x .venv/bin/python ] && .venv/bin/python -m sia.local.services down 2>/dev/null; then exit 0; fi

# A number in an old file may since belong to somebody else's process.
ours() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$(pwd -P)"; }

for file in var/run/*.pid; do
    [ -r "$file" ] || continue
    read -r pid _ <"$file"
    ours "$pid" && kill -TERM -- "-$pid"
done
if [ -r var/postgres/data/postmaster.pid ]; then
    read -r pid <var/postgres/data/postmaster.pid
    ours "$pid" && kill -INT "$pid"
fi
sleep 1
exit 0
