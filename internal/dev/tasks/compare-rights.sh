help_compare_rights="Compare what the container runner asked of the API server in a run of all cluster tests with its rights: ./do compare-rights FILE

FILE is vitest's JSON report of the run, for its time; the cluster still has to be there, for its audit log. Fails if a right in
docs/container-runner/permissions.md was not used, or one was that is not there."
compare-rights() {
    use_pinned_node
    node internal/dev/ci/compare-rights.ts "${1:?which file}"
}
