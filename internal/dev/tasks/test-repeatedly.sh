help_test_repeatedly="Build, then run tests again and again, files in a random order: ./do test-repeatedly [--runs N] [--busy] [ARGUMENT…]

./do test-repeatedly                     three whole runs (some 10 minutes each)
./do test-repeatedly --busy              the same, with each core busy with other work
./do test-repeatedly --runs 20 --busy acceptance/orchestrator/termination      the files whose path holds that text
Other arguments as for test. A line a run says the seed of the order, which --sequence.seed=SEED repeats; the output of run N is
in target/repeated/N.log. Fails if a test has failed."
test-repeatedly() {
    local runs=3 busy=
    at_public_place test-repeatedly "$@"
    while [[ $# -gt 0 ]]; do
        case "$1" in
        --runs) runs=${2:?how many} && shift 2 ;;
        --busy) busy=yes && shift ;;
        *) break ;;
        esac
    done
    [[ $runs =~ ^[1-9][0-9]*$ ]] || fail "--runs takes a number, but got '$runs'"
    ./do build "$(go_arch)"
    use_pinned_node
    need_test_programs
    rm -rf target/repeated
    mkdir -p target/repeated
    ${busy:+with_busy_cores} run_repeatedly "$runs" "${busy:+busy}" "$@"
}

# run_repeatedly RUNS BUSY ARGUMENT…
run_repeatedly() {
    local runs=$1 busy=${2:-quiet} run seed failed=0 outcome start
    shift 2
    for ((run = 1; run <= runs; run++)); do
        seed=$((RANDOM * 32768 + RANDOM))
        start=$SECONDS
        outcome=passed
        vitest run --sequence.shuffle.files --sequence.seed="$seed" "$@" >"target/repeated/$run.log" 2>&1 || outcome=FAILED
        [[ $outcome == passed ]] || failed=$((failed + 1))
        printf 'run %s of %s, %s, seed %s: %s, %s s: %s\n' "$run" "$runs" "$busy" "$seed" "$outcome" $((SECONDS - start)) \
            "$(sed -n 's/\x1b\[[0-9;]*m//g; s/^ *Tests  *//p' "target/repeated/$run.log")"
        [[ $outcome == passed ]] || grep -aE '^ *(\x1b\[[0-9;]*m)* *FAIL' "target/repeated/$run.log" || true
    done
    [[ $failed == 0 ]] || fail "$failed of $runs runs have failed: look at target/repeated"
}
