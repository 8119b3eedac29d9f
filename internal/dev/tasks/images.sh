help_images="Build the test images for amd64 and arm64 on this machine, with a fake task agent: circleci/runner-init:test-agent-<arch>

TASK_AGENT=IMAGE              also circleci/runner-init:agent-<arch>, with the task agent of an image that has it as
                              /opt/circleci/linux/<arch>/circleci-agent"
images() {
    local docker fake=circleci/fake-task-agent
    docker=$(buildkit_docker)
    ./do build amd64
    ./do build arm64
    use_pinned_node
    node internal/dev/testing/containers/build-agent-image.ts "$fake" amd64 arm64
    build_images "$docker" test-agent "$fake"
    "$docker" tag "circleci/runner-init:test-agent-$(go_arch)" circleci/runner-init:test-agent
    [[ -z ${TASK_AGENT-} ]] || build_images "$docker" agent "$TASK_AGENT"
    "$docker" image ls circleci/runner-init
}

build_images() {
    local docker=$1 tag=$2 agent=$3 arch
    for arch in amd64 arm64; do
        DOCKER_BUILDKIT=1 BUILDX_BUILDER=default "$docker" build --platform "linux/$arch" \
            --build-arg "TASK_AGENT=$agent" --tag "circleci/runner-init:$tag-$arch" \
            --label "org.opencontainers.image.version=$(version)" \
            --label "org.opencontainers.image.revision=$(commit)" \
            --label "org.opencontainers.image.created=$(commit_date)" .
    done
}

# Only BuildKit builds for another machine. Docker's command has it up to version 20.10, and later as a plugin.
buildkit_docker() {
    local docker
    hash -r # For `type` names a command that ran before alone.
    for docker in $(type -aP docker); do
        if "$docker" buildx version >/dev/null 2>&1 || [[ $("$docker" --version) == *" 20."* ]]; then
            echo "$docker"
            return
        fi
    done
    fail "building for two platforms takes BuildKit: install Docker's buildx plugin"
}
