help_bench="Build, then measure both programs, the orchestrator beside node, tini, dumb-init, catatonit and cat, into docs/benchmarks.md (7 minutes)

ORCHESTRATOR=PATH               measure another executable in place of the orchestrator
chrt -f 50 ./do bench           on a busy machine, where real-time priority is permitted
./do bench runner [--seconds N] one replica of container-agent with 1,000 live tasks on a real Kubernetes API, into docs/scale.md, as
                                root on Debian; N seconds of churn, default: 120 (6 minutes in all)
--tasks N                       fewer live tasks, for a machine that is too small; more than 3.5 for each claim a second
--claims N                      claims a second, default: 20; fewer, with longer jobs, for a machine that is too slow or too busy
--events N                      the namespace also has N events that earlier tasks have left"
bench() {
    if [[ ${1-} == runner ]]; then
        shift
        ./do build "$(go_arch)" container-agent
        use_pinned_node
        node internal/dev/bench/runner/bench.ts "$@"
        return
    fi
    [[ $# == 0 ]] || fail "bench takes no argument, except runner; see ./do help bench"
    ./do build "$(go_arch)"
    use_pinned_node
    need_commands "tini dumb-init catatonit" tini dumb-init catatonit
    node internal/dev/bench/bench.ts
}
