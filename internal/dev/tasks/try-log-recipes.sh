help_try_log_recipes="Build, then read the log of a task by the receiver of the OpenTelemetry Collector, as docs/orchestrator/logs.md configures it (half a minute)

It needs Go, which gets the sources of the receiver the first time"
try-log-recipes() {
    no_arguments try-log-recipes "$@"
    local arch recipes=internal/dev/log-recipes status=0
    arch=$(go_arch)
    command -v go >/dev/null || fail "Go is missing: install Go 1.26 or newer, with which the receiver is built"
    ./do build "$arch" orchestrator
    # The job fails. Without an address it cannot be reported, so the status is 1.
    CIRCLECI_GOAT_LOG_FORMAT=json CIRCLECI_GOAT_HEALTH_CHECK_ADDR=127.0.0.1:0 \
        CIRCLECI_GOAT_CONFIG='{"task_id": "task-1", "token": "secret", "task_agent_path": "'$recipes'/job.sh"}' \
        "target/bin/linux/$arch/orchestrator" run-task >target/log-recipes.log || status=$?
    [[ $status == 1 ]] || fail "the task has ended with $status: look at target/log-recipes.log"
    go run -C "$recipes" . "$PWD/docs/orchestrator/logs.md" <target/log-recipes.log
}
