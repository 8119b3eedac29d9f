#!/bin/sh
# The demo's task agent, in place of circleci-agent: works for a few seconds in visible steps, and leaves orphans
# behind, as jobs do that start daemons. DEMO_AGENT says how it ends: well, or by fail, retry or evict. With
# DEMO_REPORTS it tells the runner API of a success.
set -u

orphans=20

# How many children of the orchestrator have ended and are waiting to be reaped: those that ps calls <defunct>.
count_defunct() {
    defunct=0
    for stat in /proc/[0-9]*/stat; do
        read -r line 2>/dev/null <"$stat" || continue
        # proc_pid_stat(5): pid (name) state parent …, where the name may hold blanks and brackets.
        # shellcheck disable=SC2086 # split at blanks
        set -- ${line##*) }
        if [ "$1" = Z ] && [ "$2" = "$PPID" ]; then
            defunct=$((defunct + 1))
        fi
    done
}

# How a real agent does this is not public: the call is of our own runner API. The token stands in no command line.
report_success() {
    for argument; do
        case "$argument" in
        --runnerAPIBaseURL=http://*) server=${argument#*//} ;;
        esac
    done
    printf 'POST /dev/agent/success HTTP/1.0\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\n\r\n' "$token" |
        nc "${server%:*}" "${server##*:}" | head -n 1
}

# The task's secret comes on stdin and nowhere else.
read -r token
echo "started as PID $$ by PID $PPID, with a token of ${#token} characters on stdin"

echo "step 1 of 3: check out the code"
sleep 0.8

echo "step 2 of 3: run $orphans helpers that outlive whoever started them"
started=0
while [ "$started" -lt "$orphans" ]; do
    (sleep 0.4 &)
    started=$((started + 1))
done
sleep 1
# Whoever ended just now is reaped at once, but a busy machine may need a moment for it.
tries=0
count_defunct
while [ "$defunct" -gt 0 ] && [ "$tries" -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
    count_defunct
done
echo "all $orphans helpers have ended, $defunct of them defunct"

echo "step 3 of 3: leave a daemon that holds stdout and stderr, and run the tests"
(sleep 600 &)
case "${DEMO_AGENT-}" in
fail)
    sleep 0.8
    echo "FAIL: 1 of 42 tests: expected 4, got 5" >&2
    exit 3
    ;;
retry)
    sleep 0.8
    echo "now comes a SIGKILL, as from the kernel when memory runs out" >&2
    kill -KILL $$
    ;;
evict)
    trap '' TERM
    echo "the tests take an hour and ignore SIGTERM"
    while :; do sleep 1; done
    ;;
*)
    sleep 0.8
    echo "42 tests passed"
    [ -z "${DEMO_REPORTS-}" ] || report_success "$@"
    ;;
esac
