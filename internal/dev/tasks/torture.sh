help_torture="Build, then run thousands of tasks with random faults, and judge each: ./do torture [--seconds N] [--seed N] (5 minutes)

./do torture                  from a seed of its own, which it prints
./do torture --seed 7 --task 123 --times 20     repeat one task, as often as its race may need
--parallel N                  tasks at a time; default: three for each processor"
torture() {
    ./do build "$(go_arch)" orchestrator
    use_pinned_node
    node internal/dev/torture/orchestrator/torture.ts "$@"
}
