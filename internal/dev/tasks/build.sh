help_build="Build the executables for Linux on amd64 or arm64 (default: this machine's), or for windows, into target/bin

./do build                    every program, for this machine
./do build windows            every program that is for Windows
./do build arm64 NAME…        the programs of cmd/NAME/program.ts, for arm64"
build() {
    local target=${1:-$(go_arch)} folder name programs=()
    case "$target" in
    amd64 | arm64) folder=target/bin/linux/$target ;;
    windows) folder=target/bin/windows/amd64 ;;
    *) fail "there is nothing to build for '$target': amd64, arm64 or windows" ;;
    esac
    for name in "${@:2}"; do
        [[ -f cmd/$name/program.ts ]] || fail "there is no program '$name': cmd/$name/program.ts is missing"
        programs+=(--program "cmd/$name/program.ts")
    done
    [[ ! -e .git ]] || need_commands git git
    use_pinned_node
    [[ $target == windows ]] || need_compiler "$target"
    node internal/packer/build.ts "${programs[@]}" --target "$target" --out "$folder" \
        --version "$(version)" --commit "$(commit)" --date "$(commit_date)" | xargs --no-run-if-empty ls -l
}
