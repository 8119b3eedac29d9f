help_clean="Remove everything that was built"
clean() {
    no_arguments clean "$@"
    rm -rf target
}
