help_images="Build the test images for amd64 and arm64 on this machine: circleci/runner-init:test-agent and circleci/container-agent:test

Each has a tag for an architecture, too, such as test-agent-arm64. The task agent in runner-init is a fake one.
TASK_AGENT=IMAGE              also circleci/runner-init:agent-<arch>, with the task agent of an image that has it as
                              /opt/circleci/linux/<arch>/circleci-agent"
images() {
    no_arguments images "$@"
    local docker name fake=circleci/fake-task-agent
    docker=$(buildkit_docker)
    ./do build amd64
    ./do build arm64
    use_pinned_node
    node internal/dev/testing/containers/build-agent-image.ts "$fake" amd64 arm64
    build_images "$docker" circleci/runner-init:test-agent --build-arg "TASK_AGENT=$fake"
    build_images "$docker" circleci/container-agent:test --file container-agent.Dockerfile
    for name in circleci/runner-init:test-agent circleci/container-agent:test; do
        "$docker" tag "$name-$(go_arch)" "$name"
    done
    [[ -z ${TASK_AGENT-} ]] || build_images "$docker" circleci/runner-init:agent --build-arg "TASK_AGENT=$TASK_AGENT"
    "$docker" image ls 'circleci/*'
}

# build_images DOCKER NAME OPTION…: builds NAME-amd64 and NAME-arm64
build_images() {
    local docker=$1 name=$2 arch
    for arch in amd64 arm64; do
        DOCKER_BUILDKIT=1 BUILDX_BUILDER=default "$docker" build "${@:3}" --platform "linux/$arch" --tag "$name-$arch" \
            --label "org.opencontainers.image.version=$(version)" \
            --label "org.opencontainers.image.revision=$(commit)" \
            --label "org.opencontainers.image.created=$(commit_date)" .
    done
}

# Only BuildKit builds for another machine. Up to version 20.10 it is part of Docker's command, later a plugin.
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
