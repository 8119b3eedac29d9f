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
