help_unit="Run the unit tests alone; arguments as for test (2 minutes)"
unit() {
    at_public_place unit "$@"
    use_pinned_node
    need_compiler "$(go_arch)"
    need_test_programs
    vitest run --project unit "$@"
}
