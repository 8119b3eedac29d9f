help_release_images="Build the images and their manifest by GoReleaser, and push and sign them if asked to (5 minutes the first time)

SKIP_PUSH=false               push; otherwise they are only built and stay on this machine
IMAGE_REPOSITORY              default: circleci/runner-init
CONTAINER_AGENT_REPOSITORY    default: circleci/container-agent; empty: only runner-init
IMAGE_TAG_SUFFIX              a suffix for all tags
PICARD_VERSION                tag of circleci/picard, which has the task agent; default: agent
TASK_AGENT                    another image with the task agent, instead of circleci/picard
COSIGN_KEY, COSIGN_PWD        the private key, as PEM, and its password; without it nothing is signed. What is signed and
                              pushed gets the bills of materials of ./do release --snapshot, which has to come before"
release-images() {
    no_arguments release-images "$@"
    local sign=--skip=sign snapshot=--snapshot
    [[ ${SKIP_PUSH:-true} == true ]] || snapshot=
    docker buildx version >/dev/null 2>&1 || fail "docker buildx is missing: install Docker's buildx plugin"
    need_goreleaser
    if [[ -n ${COSIGN_KEY-} ]]; then
        need_cosign
        sign=
        [[ -n $snapshot ]] || compgen -G "target/release/*_$(version)_linux_*.cdx.json" >/dev/null ||
            fail "target/release has no bills of materials of $(version), which signed images have to get: run ./do release --snapshot"
    fi
    # One at a time, because each attestation is added to the image's existing ones. GoReleaser pushes nothing without a
    # tag, and a clone may have none.
    GORELEASER_CURRENT_TAG=v$(version) BUILD_VERSION=$(version) BUILD_COMMIT=$(commit) BUILD_DATE=$(commit_date) COSIGN_PASSWORD=${COSIGN_PWD-} \
        IMAGE_REPOSITORY=${IMAGE_REPOSITORY:-circleci/runner-init} \
        CONTAINER_AGENT_REPOSITORY=${CONTAINER_AGENT_REPOSITORY-circleci/container-agent} \
        IMAGE_TAG_SUFFIX=${IMAGE_TAG_SUFFIX-} \
        PICARD_VERSION=${PICARD_VERSION:-agent} TASK_AGENT=${TASK_AGENT-} \
        goreleaser release --clean --parallelism=1 --skip=validate --config .goreleaser/images.yaml ${sign:+"$sign"} ${snapshot:+"$snapshot"}
}
