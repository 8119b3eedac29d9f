# The code that tasks share. This file has no task.

fail() {
    echo "do: $*" >&2
    exit 1
}

# need_number OPTION [VALUE]
need_number() {
    [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1 takes a whole number of at least 1, but got '${2-}'"
}

# no_arguments TASK [ARGUMENT…]
no_arguments() {
    [[ $# == 1 ]] || fail "$1 takes no argument, but got '$2'"
}

# npm's name of this machine's architecture.
host_arch() {
    case "$(uname -m)" in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail "this machine's architecture ($(uname -m)) is not supported; it must be x86_64 or aarch64" ;;
    esac
}

# The architecture's name in paths and images.
go_arch() {
    host_arch | sed s/x64/amd64/
}

# The programs of this repository.
program_names() {
    local file
    for file in cmd/*/program.ts; do
        basename "${file%/*}"
    done
}

# The tools, and the Node that the product runs on, whatever the machine's own node is. This Node is a dependency of the
# repository, so package-lock.json pins its version and its integrity.
use_pinned_node() {
    [[ -d node_modules && node_modules/.package-lock.json -nt package-lock.json ]] || ./do install-dependencies
    PATH="$PWD/node_modules/.bin:$PWD/node_modules/node-linux-$(host_arch)/bin:$PATH"
    export PATH
    # The official Node is linked against a library that a small Debian does not have.
    node --version >/dev/null 2>&1 || install_package libatomic1 libatomic.so.1
}

# need_commands PACKAGE COMMAND…: installs Debian's PACKAGE unless every COMMAND exists.
need_commands() {
    local package=$1 command missing=
    shift
    for command in "$@"; do
        command -v "$command" >/dev/null || missing=$command
    done
    [[ -z $missing ]] || install_package "$package" "$missing"
}

# install_package PACKAGE MISSING: installs Debian's PACKAGE, or several in one word, to get what is missing.
apt_updated=
install_package() {
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "$2 is missing: install it first (Debian: apt-get install $1)"
    fi
    [[ -n $apt_updated ]] || update_package_lists
    apt_updated=yes
    # shellcheck disable=SC2086 # a list of packages
    apt_get install -y --no-install-recommends $1 >/dev/null
}

# apt waits for the lock of the packages, but not for the lock of their lists.
update_package_lists() {
    local answer end=$((SECONDS + apt_patience))
    until answer=$(LC_ALL=C apt_get update 2>&1); do
        [[ $answer == *"Could not get lock"* && $SECONDS -lt $end ]] || fail "apt-get update has failed: $answer"
        sleep 1
    done
    [[ -z $answer ]] || echo "$answer" >&2
}

apt_patience=300 # seconds: a new machine updates itself first
apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout="$apt_patience" "$@"
}

# need_compiler ARCHITECTURE: the compiler of its launcher, and, on another architecture, the emulator.
need_compiler() {
    need_commands "gcc libc6-dev binutils" gcc strip
    if [[ $1 == arm64 && $(host_arch) != arm64 ]]; then
        need_commands "gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross" \
            aarch64-linux-gnu-gcc
        need_commands qemu-user-static qemu-aarch64-static
    fi
}

# The other needs of the tests: certificates, users and limits, a program that traces others, and other inits. In CI the
# tests that need the compiler for arm64 must not be skipped.
need_test_programs() {
    [[ -z ${CI-} ]] || need_compiler arm64
    need_commands openssl openssl
    need_commands util-linux unshare setpriv prlimit script
    need_commands python3 python3
    need_commands "tini dumb-init catatonit" tini dumb-init catatonit
}

# at_public_place TASK [ARGUMENT…]: if tests cannot run in this folder, mounts it at another place, only for these
# processes, and runs the task there. Tests run programs as other users, who may not enter a folder such as /root. And
# vite treats these three characters in a path as parts of a URL.
at_public_place() {
    local place status=0
    [[ -z ${DO_AT_PUBLIC_PLACE-} ]] || return 0
    if [[ $PWD == *[%#?]* ]]; then
        [[ $(id -u) == 0 ]] || fail "the tests cannot run in a folder with %, # or ? in its path: move it"
    elif [[ $(id -u) != 0 ]] || setpriv --reuid=65534 --clear-groups test -x "$PWD/do"; then
        return 0
    fi
    place=$(mktemp -d)
    chmod 755 "$place"
    # shellcheck disable=SC2016 # the inner shell's parameters
    DO_AT_PUBLIC_PLACE=yes unshare --mount \
        sh -ec 'mount --bind "$1" "$2"; cd "$2"; shift 2; exec ./do "$@"' sh "$PWD" "$place" "$@" || status=$?
    rmdir "$place"
    exit "$status"
}

# A build has its version and commit. BUILD_VERSION replaces the version.
version() {
    if [[ -n ${BUILD_VERSION-} ]]; then
        echo "$BUILD_VERSION"
    elif is_checkout; then
        git describe --tags --always --dirty --match 'v*' | sed 's/^v//'
    else
        [[ ! -e .git ]] || echo "do: the version is 'dev', as git says: $(git rev-parse 2>&1 | tr -s '\n\t' ' ')" >&2
        echo dev
    fi
}

commit() {
    is_checkout && git rev-parse HEAD || echo none
}

# The commit's own date, so one commit gives the same bytes at any time.
commit_date() {
    is_checkout && TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ || echo unknown
}

# An archive that was unpacked in another repository is not a commit of that repository.
is_checkout() {
    [[ $(git rev-parse --show-toplevel 2>/dev/null) -ef . ]]
}

# renovate: datasource=go depName=github.com/goreleaser/goreleaser/v2
goreleaser_version=v2.16.0
# renovate: datasource=go depName=github.com/sigstore/cosign/v3
cosign_version=v3.1.1

need_goreleaser() {
    need_go_tool goreleaser github.com/goreleaser/goreleaser/v2 "$goreleaser_version"
}

need_cosign() {
    need_go_tool cosign github.com/sigstore/cosign/v3/cmd/cosign "$cosign_version"
}

# need_go_tool NAME PACKAGE VERSION: builds a program from its sources. The Go checksum database verifies the sources.
need_go_tool() {
    local folder=$PWD/target/tools/$1-$3
    if [[ ! -x $folder/$1 ]]; then
        command -v go >/dev/null || fail "Go is missing: install Go 1.26.3 or newer, with which $1 is built"
        echo "Building $1 $3; the first time, this takes some minutes" >&2
        GOBIN="$folder" go install -trimpath "$2@$3"
    fi
    PATH="$folder:$PATH"
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

# with_busy_cores COMMAND…: keeps each core busy with other work while the command runs.
with_busy_cores() {
    local core busy=()
    for ((core = 0; core < $(nproc); core++)); do
        while kill -0 $$; do :; done 2>/dev/null &
        busy+=($!)
    done
    "$@"
    kill "${busy[@]}"
}
