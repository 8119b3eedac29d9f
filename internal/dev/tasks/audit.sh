help_audit="Look up known vulnerabilities of the npm packages in the lock file

AUDIT=required ./do audit     fail if the database cannot be reached, instead of only saying so"
audit() {
    no_arguments audit "$@"
    use_pinned_node
    node internal/dev/release/audit.ts
}
