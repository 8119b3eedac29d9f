help_count_results="Count what vitest's JSON report holds, and fail unless every test in containers and on a cluster has passed: ./do count-results FILE"
count-results() {
    use_pinned_node
    node internal/dev/ci/count-results.ts "${1:?which file}"
}
