help_release="Make archives, checksums, SBOMs of this commit in target/release, and publish them as a draft (5 minutes the first time)

./do release                  needs a tag vX.Y.Z on this commit, its section in CHANGELOG.md, and GITHUB_TOKEN
./do release --snapshot       of any commit, published nowhere; it is left in target/release
COSIGN_KEY, COSIGN_PWD        the private key, as PEM, and its password; without it nothing is signed"
release() {
    local sign=--skip=sign notes='' platform
    [[ $# == 0 || $* == --snapshot ]] || fail "release takes --snapshot or no argument, but got '$*'"
    if [[ " $* " != *" --snapshot "* ]]; then
        use_pinned_node
        mkdir -p target
        notes=target/release-notes.md
        node internal/dev/release/write-release-notes.ts "$(version)" "$notes"
    fi
    for platform in amd64 arm64 windows; do
        ./do build "$platform"
    done
    use_pinned_node
    need_goreleaser
    if [[ -n ${COSIGN_KEY-} ]]; then
        need_cosign
        sign=
    fi
    BUILD_VERSION=$(version) BUILD_COMMIT=$(commit) BUILD_DATE=$(commit_date) COSIGN_PASSWORD=${COSIGN_PWD-} \
        goreleaser release --clean --config .goreleaser/release.yaml ${sign:+"$sign"} ${notes:+--release-notes="$notes"} "$@"
}
