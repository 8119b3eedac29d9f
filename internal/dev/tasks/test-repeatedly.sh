help_test_repeatedly="Build, then run tests again and again, to see that they can be trusted: ./do test-repeatedly [--runs N] [--busy] [--timed] …

./do test-repeatedly                     three whole runs (half an hour each with all tests)
./do test-repeatedly --busy              the same, with each core busy with other work
./do test-repeatedly --busy --timed      one run of only those tests in which a time below 5 s matters, each 20 times
./do test-repeatedly --runs 20 --busy acceptance/orchestrator/termination      the files whose path holds that text
--times N                                each test N times a run
Other arguments as for test. One line for each run has the seed of the order of files, which --sequence.seed=SEED repeats. The output of
run N is in target/repeated/N.log. Fails if a test has failed, or if a run has no test."
test-repeatedly() {
    local runs='' times='' busy='' timed=''
    at_public_place test-repeatedly "$@"
    while [[ $# -gt 0 ]]; do
        case "$1" in
        --runs) need_number "$@" && runs=$2 && shift 2 ;;
        --times) need_number "$@" && times=$2 && shift 2 ;;
        --busy) busy=yes && shift ;;
        --timed) timed=yes && shift ;;
        *) break ;;
        esac
    done
    if [[ -n $timed ]]; then
        runs=${runs:-1} times=${times:-20}
        set -- --tags-filter=timed "$@"
    fi
    : "${runs:=3}" "${times:=1}"
    set -- --repeats=$((times - 1)) "$@"
    ./do build "$(go_arch)"
    use_pinned_node
    need_test_programs
    rm -rf target/repeated
    mkdir -p target/repeated
    ${busy:+with_busy_cores} run_repeatedly "$runs" "${busy:+busy}" "$@"
}

# run_repeatedly RUNS BUSY ARGUMENT…
run_repeatedly() {
    local runs=$1 busy=${2:-quiet} run seed failed=0 outcome summary start
    shift 2
    for ((run = 1; run <= runs; run++)); do
        seed=$((RANDOM * 32768 + RANDOM))
        start=$SECONDS
        outcome=passed
        vitest run --sequence.seed="$seed" "$@" >"target/repeated/$run.log" 2>&1 || outcome=FAILED
        summary=$(sed -n 's/\x1b\[[0-9;]*m//g; s/^ *Tests  *//p' "target/repeated/$run.log")
        # vitest also succeeds if it has run no test.
        [[ $summary =~ [1-9][0-9]*\ passed ]] || outcome=FAILED
        [[ $outcome == passed ]] || failed=$((failed + 1))
        printf 'run %s of %s, %s, seed %s: %s, %s s: %s\n' "$run" "$runs" "$busy" "$seed" "$outcome" $((SECONDS - start)) \
            "${summary:-no test}"
        [[ $outcome == passed ]] || grep -aE '^ *(\x1b\[[0-9;]*m)* *FAIL' "target/repeated/$run.log" || true
    done
    [[ $failed == 0 ]] || fail "$failed of $runs runs have failed: look at target/repeated"
}
