help_images_for_server="Build the runner-init images for every version of CircleCI server of a table, .goreleaser/server-versions.json (some minutes each)

./do images-for-server --dry-run     print what would be built, and what is missing for it
SERVER_VERSIONS               another table of versions
Variables as for release-images"
images-for-server() {
    local versions server agent
    [[ $# == 0 || $* == --dry-run ]] || fail "images-for-server takes --dry-run or no argument, but got '$*'"
    use_pinned_node
    if [[ ${1-} == --dry-run ]]; then
        node internal/dev/release/server-versions.ts --dry-run
        return
    fi
    versions=$(node internal/dev/release/server-versions.ts)
    while read -r server agent; do
        PICARD_VERSION=$agent IMAGE_TAG_SUFFIX=-server-$server CONTAINER_AGENT_REPOSITORY='' ./do release-images </dev/null
    done <<<"$versions"
}
