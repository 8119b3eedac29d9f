help_build="Build the executable for Linux on amd64 or arm64 (default: this machine's), or for windows, into target/bin

./do build                    the orchestrator for this machine
./do build arm64 NAME         the program of cmd/NAME/program.ts for that one"
build() {
    local target=${1:-$(go_arch)} name=${2:-orchestrator} output
    case "$target" in
    amd64 | arm64) output=target/bin/linux/$target/$name ;;
    windows) output=target/bin/windows/amd64/$name.exe ;;
    *) fail "there is nothing to build for '$target': amd64, arm64 or windows" ;;
    esac
    [[ -f cmd/$name/program.ts ]] || fail "there is no program '$name': cmd/$name/program.ts is missing"
    [[ ! -e .git ]] || need_commands git git
    use_pinned_node
    [[ $target == windows ]] || need_compiler "$target"
    node internal/packer/build.ts --program "cmd/$name/program.ts" --target "$target" --out "$output" \
        --version "$(version)" --commit "$(commit)" --date "$(commit_date)"
    ls -l "$output"
}
