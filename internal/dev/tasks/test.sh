help_test="Build, then run all tests; arguments are passed to vitest and filter them (some 10 minutes)

./do test                     everything
./do test task/config         the test files whose path holds that text
./do test -t 'unclaim'        the tests whose title matches
CONTAINER_TESTS=required      fail, instead of skipping them, if the container tests cannot run
CLUSTER_TESTS=required        bring up a Kubernetes for the tests on a cluster, unless one is up, and fail if that is not possible:
                              docs/cluster.md"
test() {
    at_public_place test "$@"
    ./do build "$(go_arch)"
    use_pinned_node
    need_test_programs
    vitest run "$@"
}
