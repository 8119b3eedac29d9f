help_images_for_server="Build the runner-init images for every version of CircleCI server of a table, .goreleaser/server-versions.json (some minutes each)

./do images-for-server --dry-run     print what would be built, and what is missing for it
SERVER_VERSIONS               another table of versions
Variables as for release-images"
images-for-server() {
    local versions server agent
    use_pinned_node
    versions=$(node internal/dev/release/server-versions.ts "$@")
    if [[ ${1-} == --dry-run ]]; then
        echo "$versions"
        return
    fi
    while read -r server agent; do
        PICARD_VERSION=$agent IMAGE_TAG_SUFFIX=-server-$server CONTAINER_AGENT_REPOSITORY='' ./do release-images </dev/null
    done <<<"$versions"
}
