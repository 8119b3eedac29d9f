#!/bin/sh
# The demo's task agent, in place of circleci-agent: works for a few seconds in visible steps, and leaves orphans
# behind, like jobs that start daemons. DEMO_AGENT sets its end: success, fail, retry or evict. With DEMO_REPORTS it
# reports a success to the runner API.
set -u

orphans=20

# The number of the orchestrator's children that have ended but are not reaped: ps calls them <defunct>.
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

# How a real agent does this is not public, so this is a call of our own runner API. No command line has the token.
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
# Ended processes are reaped at once, but a busy machine may need a moment for that.
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
