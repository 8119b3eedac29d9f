help_fuzz_c="Feed the launcher's parsers with made-up input, guided by coverage: ./do fuzz-c [--seconds N] (2 minutes)

Each of internal/launcher/fuzz for N seconds (default: 60). Useful inputs are kept in target/fuzz,
and so are inputs that fail: target/fuzz/<name> <file> repeats one."
fuzz-c() {
    local seconds=60 harness name
    if [[ ${1-} == --seconds ]]; then
        need_number "$@"
        seconds=$2
        shift 2
    fi
    no_arguments fuzz-c "$@"
    need_commands clang clang
    [[ -f $(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a ]] ||
        install_package "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" libFuzzer
    mkdir -p target/fuzz
    for harness in internal/launcher/fuzz/*.c; do
        name=$(basename "$harness" .c)
        mkdir -p "target/fuzz/$name.corpus"
        clang -std=gnu17 -g -O1 -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined \
            -fno-sanitize-recover=undefined "$harness" -o "target/fuzz/$name"
        "target/fuzz/$name" -max_total_time="$seconds" -max_len=2048 -artifact_prefix="target/fuzz/$name." \
            -print_final_stats=1 "target/fuzz/$name.corpus"
    done
}
