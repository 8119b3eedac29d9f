help_docker_engine="Install Docker's engine unless there is one, and start it in the background unless one answers

./do docker-engine stop       stop the one that this task has started, if it has"
docker-engine() {
    case "${1-start}" in
    start) engine_answers || start_engine ;;
    stop) stop_engine ;;
    *) fail "expected nothing or stop: ./do docker-engine stop" ;;
    esac
}

engine_pid_file=$PWD/target/dockerd.pid
engine_patience=60 # seconds

engine_answers() {
    docker version >/dev/null 2>&1
}

start_engine() {
    local log=$PWD/target/dockerd.log end=$((SECONDS + engine_patience)) pid
    # If the kernel has AppArmor, no container starts without its parser.
    need_commands "docker.io apparmor" dockerd docker
    ! engine_answers || return 0 # The package starts it where there is an init system.
    [[ $(id -u) == 0 ]] || fail "no Docker engine answers, and it takes root to start one: start one first"
    mkdir -p target
    setsid dockerd --pidfile "$engine_pid_file" >"$log" 2>&1 </dev/null &
    pid=$!
    until engine_answers; do
        if ! kill -0 "$pid" 2>/dev/null || ((SECONDS > end)); then
            tail -n 20 "$log" >&2
            fail "the Docker engine does not answer; its log ends as shown above: $log"
        fi
        sleep 1
    done
    echo "the Docker engine runs as process $pid and writes to $log"
}

stop_engine() {
    local pid end=$((SECONDS + engine_patience))
    pid=$(cat "$engine_pid_file" 2>/dev/null) || return 0
    # Another process may have the pid by now.
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] || return 0
    kill "$pid"
    while [[ -e $engine_pid_file && -e /proc/$pid ]]; do
        ((SECONDS < end)) || fail "the Docker engine, process $pid, does not end"
        sleep 0.2
    done
}
