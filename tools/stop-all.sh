# Stop all of the project's processes, even if the virtual environment no longer works. make clean calls it.
set -u
if [ -x .venv/bin/python ] && PYTHONPATH=plugins .venv/bin/python -m sia.cli down 2>/dev/null; then exit 0; fi

# The process number in an old file may now belong to another program.
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
