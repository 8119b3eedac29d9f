help_format="Format everything, and fix what lint can fix"
format() {
    no_arguments format "$@"
    use_pinned_node
    biome check --write .
}
