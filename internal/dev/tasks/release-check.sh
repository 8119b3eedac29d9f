help_release_check="Check GoReleaser's configurations, make a release without publishing it, and check its contents (5 minutes the first time)"
release-check() {
    no_arguments release-check "$@"
    local file folder name program
    need_goreleaser
    for file in .goreleaser/*.yaml; do
        goreleaser check --quiet --config "$file"
    done
    ./do release --snapshot
    need_python_tools
    python internal/dev/release/check-sbom.py target/release/*.cdx.json
    (cd target/release && sha256sum --quiet --check ./*_checksums.txt)
    folder=$(mktemp -d)
    for name in $(program_names); do
        tar -xzf "target/release/$name"_*_linux_"$(go_arch)".tar.gz -C "$folder"
        program=$("$folder/$name" --version)
        [[ $program == "$name $(version) "* ]] || fail "the released $name says that it is $program"
        echo "The release of $program is as it should be"
    done
    ls -l "$folder"
    rm -r "$folder"
}
