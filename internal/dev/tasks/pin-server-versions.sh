help_pin_server_versions="Write the task agent of each version of CircleCI server into .goreleaser/server-versions.json

./do pin-server-versions CLONE       a clone of the repository of CircleCI server, to which you need access"
pin-server-versions() {
    [[ $# == 1 ]] || fail "name a clone of the repository of CircleCI server: ./do pin-server-versions CLONE"
    use_pinned_node
    node internal/dev/release/pin-server-versions.ts "$1"
}
