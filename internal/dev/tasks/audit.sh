help_audit="Look up known vulnerabilities of the npm packages in the lock file

AUDIT=required ./do audit     fail, instead of saying so, where the database cannot be asked"
audit() {
    use_pinned_node
    node internal/dev/release/audit.ts
}
