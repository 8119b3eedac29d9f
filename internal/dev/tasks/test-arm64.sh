help_test_arm64="Build for arm64, then run the acceptance tests, emulated by qemu-user on other machines: ./do test-arm64 [--quick] (15 minutes)

./do test-arm64 --quick       a few of each kind, some 60 s
Other arguments as for test. docs/arm64.md lists what is left out, and what this needs: root, Linux 6.7"
test-arm64() {
    at_public_place test-arm64 "$@"
    if [[ ${1-} == --quick ]]; then
        shift
        set -- --tags-filter quick "$@"
    fi
    ./do build arm64
    use_pinned_node
    need_compiler "$(go_arch)"
    need_test_programs
    set -- vitest run --project acceptance "$@"
    if [[ $(go_arch) == arm64 ]]; then
        "$@"
    else
        with_qemu env TEST_ARCHITECTURE=arm64 "$@" --tags-filter '!not-emulated/*'
    fi
}

# Runs a command in a user namespace in which the kernel runs arm64 files by qemu. A registration for the whole machine
# would affect others. F: this also works in a folder that serves as root. P: programs get the name that they are
# started with. The orchestrator needs its name to be the first step of a child.
with_qemu() {
    [[ $(id -u) == 0 ]] || fail "this takes root, as tests run programs as other users"
    # The map of a new namespace is written from outside.
    (
        while [[ /proc/$$/ns/user -ef /proc/$BASHPID/ns/user ]]; do sleep 0.05; done
        for ids in uid gid; do
            awk '{ print $1, $1, $3 }' "/proc/self/${ids}_map" >"/proc/$$/${ids}_map"
        done
    ) &
    # shellcheck disable=SC2016 # the inner shell's parameters
    exec unshare --user --mount sh -ec '
        while [ -z "$(cat /proc/self/gid_map)" ]; do sleep 0.05; done
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || {
            echo "do: qemu cannot be registered for arm64 files: this takes Linux 6.7 with binfmt_misc" >&2
            exit 1
        }
        # The beginning of an ELF file for aarch64, ET_EXEC or ET_DYN.
        header="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
        mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
        printf ":arm64:M::%s:%s:%s:FP" "$header" "$mask" "$1" >/proc/sys/fs/binfmt_misc/register
        shift
        exec "$@"' sh "$(command -v qemu-aarch64-static)" "$@"
}
