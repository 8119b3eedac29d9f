help_torture="Build, then run thousands of tasks with random faults, and judge each: ./do torture [runner] [--seconds N] [--seed N] (5 minutes)

./do torture                  the orchestrator, from a seed of its own, which it prints
./do torture --seed 7 --task 123 --times 20     repeat one task many times, as a race may need
--parallel N                  tasks at a time; default: three for each processor
./do torture runner           replicas of container-agent on a real Kubernetes API with fake nodes, as root on Debian
--replicas N                  default: 3, which are killed, replaced and drained all the time
--slots N                     tasks that a replica has at a time; default: 25"
torture() {
    local program=orchestrator
    if [[ ${1-} == runner ]]; then
        program=runner
        shift
    fi
    ./do build "$(go_arch)" "${program/runner/container-agent}"
    use_pinned_node
    node "internal/dev/torture/$program/torture.ts" "$@"
}
