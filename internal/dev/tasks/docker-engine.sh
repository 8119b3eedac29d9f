help_docker_engine="Install Docker's engine unless there is one, and start it in the background unless one answers"
docker-engine() {
    local log=$PWD/target/dockerd.log pid second
    docker version >/dev/null 2>&1 && return
    need_commands "docker.io apparmor" dockerd docker
    docker version >/dev/null 2>&1 && return # The package starts it where there is an init system.
    [[ $(id -u) == 0 ]] || fail "no Docker engine answers, and it takes root to start one: start one first"
    mkdir -p target
    setsid dockerd >"$log" 2>&1 </dev/null &
    pid=$!
    for ((second = 0; second < 60; second++)); do
        docker version >/dev/null 2>&1 && break
        kill -0 "$pid" 2>/dev/null || break
        sleep 1
    done
    docker version >/dev/null 2>&1 || fail "the Docker engine does not answer after $second s: look at $log"
    echo "the Docker engine runs as process $pid and writes to $log"
}
