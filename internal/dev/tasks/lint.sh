help_lint="Check types, lint rules, formatting and shell scripts"
lint() {
    no_arguments lint "$@"
    use_pinned_node
    need_commands shellcheck shellcheck
    tsc -p .
    tsc -p tsconfig.windows.json
    biome check .
    find . -name node_modules -prune -o -name target -prune -o -name '*.sh' -print0 | xargs -0 shellcheck ./do .ci/run
}
