#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh — the official Autobahn suite against our server or our client.
#
# Usage: run.sh server|client          at any place; `make` must have built the program
# Environment: PLAINSONG, the program; AUTOBAHN_OUT, where the report goes (build/autobahn/server or client).
# Takes `wstest` from the PATH, or else the container image below by docker or podman, with the host's
# network, and says which.  Status: that of `verdict`; 2 wrong call; 3 there is neither, so nothing ran.
set -eu

# The tag 25.10.1 of crossbario/autobahn-testsuite; README.md says where the digest is from.
image=docker.io/crossbario/autobahn-testsuite@sha256:519915fb568b04c9383f70a1c405ae3ff44ab9e35835b085239c258b6fac3074

role=${1:-}
case $role in
server) mode=fuzzingclient ;;
client) mode=fuzzingserver ;;
*) echo "usage: run.sh server|client" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
program=${PLAINSONG:-$here/../build/release/plainsong}
[ -x "$program" ] || { echo "run.sh: there is no $program: run make first" >&2; exit 2; }
out=${AUTOBAHN_OUT:-$here/../build/autobahn/$role}
mkdir -p "$out"
out=$(cd "$out" && pwd)

# ---- which suite ---------------------------------------------------------------------------------

# wstest, or the engine that can run it, goes to $suite.
find_suite() {
    if command -v wstest >/dev/null; then
        suite=wstest
        echo "run.sh: found $(command -v wstest)"
        return
    fi
    for engine in docker podman; do
        if ! command -v $engine >/dev/null; then
            echo "run.sh: no $engine"
        elif ! $engine info >/dev/null 2>&1; then
            echo "run.sh: $engine is there, but can't run containers"
        else
            suite=$engine
            echo "run.sh: found $engine; it runs $image"
            return
        fi
    done
    echo "run.sh: neither wstest nor a container engine: nothing ran" >&2
    exit 3
}

# Becomes the suite.
become_suite() {
    if [ "$suite" = wstest ]; then
        exec wstest -m $mode -s "$out/spec.json"
    fi
    exec "$suite" run --rm --init --network host --user "$(id -u):$(id -g)" -e HOME=/tmp \
        -v "$out:/report" "$image" wstest -m $mode -s /report/spec.json
}

# write_spec PORT: the configuration, with a port of today and the place of the report.
write_spec() {
    place=$out
    [ "$suite" = wstest ] || place=/report
    sed -e "s|127\.0\.0\.1:9001|127.0.0.1:$1|" -e "s|\"\./reports/$role\"|\"$place\"|" \
        "$here/$mode.json" > "$out/spec.json"
}

# ---- running it ----------------------------------------------------------------------------------

started=
end_all() {
    for process in $started; do
        kill "$process" 2>/dev/null || :
    done
}
trap end_all EXIT
trap 'exit 130' INT TERM

# test_server: the suite is the client and ends by itself.
test_server() {
    rm -f "$out/echo.txt"
    "$program" echo --port 0 --compression takeover --level fast > "$out/echo.txt" 2>&1 &
    started="$started $!"
    port=
    tries=100
    while [ -z "$port" ] && [ $tries -gt 0 ]; do
        port=$(sed -n 's/^listening on ws:.*:\([0-9]*\).*/\1/p' "$out/echo.txt" 2>/dev/null || :)
        [ -n "$port" ] || sleep 0.1
        tries=$((tries - 1))
    done
    [ -n "$port" ] || { echo "run.sh: the echo server doesn't start" >&2; exit 1; }
    write_spec "$port"
    (become_suite) || { echo "run.sh: the suite failed" >&2; exit 1; }
}

# test_client: the suite is the server, which is ready when it takes a connection.
test_client() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    write_spec "$port"
    (become_suite) > "$out/wstest.txt" 2>&1 &
    wstest=$!
    started="$started $wstest"
    python3 - "$port" "$wstest" <<'WAIT' || { tail -n 5 "$out/wstest.txt" >&2; exit 1; }
import os, socket, sys, time
end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        os.kill(int(sys.argv[2]), 0)
        time.sleep(0.1)
sys.exit("run.sh: the suite doesn't listen")
WAIT
    "$program" autobahn client "ws://127.0.0.1:$port"
}

find_suite
rm -f "$out/index.json"
"test_$role"
"$here/verdict" --official "$here/expected/$role.txt" "$out/index.json" plainsong
