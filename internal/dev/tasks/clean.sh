help_clean="Remove everything that was built"
clean() {
    rm -rf target
}
