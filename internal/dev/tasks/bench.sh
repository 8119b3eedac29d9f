help_bench="Build, then measure both programs, the orchestrator beside node, tini, dumb-init, catatonit and cat, into docs/benchmarks.md (7 minutes)

ORCHESTRATOR=PATH               measure another executable in place of the orchestrator
chrt -f 50 ./do bench           on a busy machine, where real-time priority is permitted"
bench() {
    ./do build "$(go_arch)"
    use_pinned_node
    need_commands "tini dumb-init catatonit" tini dumb-init catatonit
    node internal/dev/bench/bench.ts
}
