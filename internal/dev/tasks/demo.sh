help_demo="Build, then run a task for real and show it: ./do demo [fail|retry|evict|override]

./do demo                     a task that ends well
./do demo fail                its agent fails: the failure is reported
./do demo retry               its agent is killed: the task is handed back for another try
./do demo evict               its Pod is evicted: it gets its grace period, then it is interrupted
./do demo override            its container has an entrypoint of its own"
demo() {
    case "${1-success}" in
    success | fail | retry | evict | override) ;;
    *) fail "there is no demo '$1'; see ./do help demo" ;;
    esac
    echo "Installing and building what is not there yet"
    ./do build "$(go_arch)" orchestrator
    use_pinned_node
    node internal/dev/demo/demo.ts "$@"
}
