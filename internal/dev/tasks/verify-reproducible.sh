help_verify_reproducible="Build the committed sources three times, in two folders and with busy cores, and compare the bytes

./do verify-reproducible                        for this machine's architecture
./do verify-reproducible amd64 arm64 windows    for these"
verify-reproducible() {
    local commit folder place other=another/folder/with-a-longer-name
    [[ $# -gt 0 ]] || set -- "$(go_arch)"
    commit=$(commit)
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder is known now
    trap "rm -rf '$folder'" EXIT
    for place in a "$other"; do
        git clone --quiet "$PWD" "$folder/$place"
        git -C "$folder/$place" checkout --quiet "$commit"
    done
    build_in "$folder/a" "$@"
    # Two lengths of path, two umasks, two time zones and the scheduling of processes: none may show in the result.
    umask 077
    export TZ=Pacific/Auckland
    build_in "$folder/$other" "$@"
    must_be_same "$folder/a" "$folder/$other"
    with_busy_cores build_in "$folder/$other" "$@"
    must_be_same "$folder/a" "$folder/$other"
    (cd "$folder/a" && find target/bin -type f -exec sha256sum {} +)
    echo "Three builds of $commit in two folders are the same"
}

# build_in FOLDER TARGET…
build_in() {
    local folder=$1 target
    shift
    rm -rf "$folder/target/bin"
    for target in "$@"; do
        (cd "$folder" && ./do build "$target" >/dev/null)
    done
}

must_be_same() {
    diff --recursive --brief "$1/target/bin" "$2/target/bin" || fail "two builds of one commit differ"
}
