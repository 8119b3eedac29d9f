help_soak="Build, then keep one orchestrator busy with jobs, and check that it does not grow: ./do soak [--seconds N] (3 minutes)"
soak() {
    ./do build "$(go_arch)" orchestrator
    use_pinned_node
    node internal/dev/torture/orchestrator/soak.ts "$@"
}
