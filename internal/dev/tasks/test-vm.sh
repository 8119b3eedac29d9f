help_test_vm="Build, then run tests in virtual machines with cgroup v2, SELinux and AppArmor, emulated by qemu: ./do test-vm [--quick] (16 minutes)

./do test-vm --quick          a few of each kind, some 2 minutes
Other arguments as for test. docs/virtual-machines.md says what they test, and what this needs"
test-vm() {
    if [[ ${1-} == --quick ]]; then
        shift
        set -- --tags-filter quick "$@"
    fi
    [[ $(go_arch) == amd64 ]] || fail "the virtual machines are amd64, and so this takes a machine that is"
    ./do build amd64 orchestrator
    use_pinned_node
    need_compiler amd64
    need_commands qemu-system-x86 qemu-system-x86_64
    need_commands e2fsprogs mke2fs
    VM_TESTS=required vitest run --project vm "$@"
}
