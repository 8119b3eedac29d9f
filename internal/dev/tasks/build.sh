help_build="Build the executable for Linux on amd64 or arm64 (default: this machine's), or for windows, into target/bin"
build() {
    local target=${1:-$(go_arch)} platform=linux output
    case "$target" in
    amd64 | arm64) output=target/bin/linux/$target/orchestrator ;;
    windows) platform=windows output=target/bin/windows/amd64/orchestrator.exe ;;
    *) fail "there is nothing to build for '$target': amd64, arm64 or windows" ;;
    esac
    [[ ! -e .git ]] || need_commands git git
    use_pinned_node
    [[ $platform == windows ]] || need_compiler "$target"
    node internal/packer/bundle.ts --out "target/program/$platform" --platform "$platform" \
        --version "$(version)" --commit "$(commit)" --date "$(commit_date)"
    node internal/packer/build.ts --arch "$target" --program "target/program/$platform" --out "$output"
    ls -l "$output"
}
