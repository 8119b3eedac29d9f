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
help_build="Build the executable for an architecture (amd64 or arm64; default: this machine's) into target/bin/linux"
build() {
    local arch=${1:-$(go_arch)}
    use_pinned_node
    need_compiler "$arch"
    node cmd/bundle.ts --out target/bundle/orchestrator.cjs \
        --version "${BUILD_VERSION:-$(version)}" --commit "$(commit)" --date "$(commit_date)"
    node internal/launcher/build.ts --arch "$arch" \
        --bundle target/bundle/orchestrator.cjs --out "target/bin/linux/$arch/orchestrator"
    ls -l "target/bin/linux/$arch/orchestrator"
}

need_compiler() {
    need_commands "gcc libc6-dev binutils" gcc strip
    if [[ $1 == arm64 && $(host_arch) != arm64 ]]; then
        need_commands "gcc-aarch64-linux-gnu libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross" \
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
    build "$(go_arch)"
    vitest run "$@"
}

# shellcheck disable=SC2034
help_unit="Run the unit tests alone; arguments as for test"
unit() {
    use_pinned_node
    need_compiler "$(go_arch)"
    vitest run --project unit "$@"
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
    node internal/demo/demo.ts "$@"
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
