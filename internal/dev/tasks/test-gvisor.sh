help_test_gvisor="Build, then run tests of the orchestrator under gVisor, as root (half a minute)

Other arguments as for test. Debian's package of gVisor, runsc, is installed if it is missing"
test-gvisor() {
    at_public_place test-gvisor "$@"
    ./do build "$(go_arch)" orchestrator
    use_pinned_node
    need_compiler "$(go_arch)"
    need_commands runsc runsc
    GVISOR_TESTS=required vitest run --project gvisor "$@"
}
