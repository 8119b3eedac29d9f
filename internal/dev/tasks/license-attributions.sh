help_license_attributions="Write THIRD_PARTY_LICENSES, and check that every licence is allowed

./do license-attributions --check     fail if it is out of date, instead of writing it"
license-attributions() {
    use_pinned_node
    need_compiler "$(go_arch)"
    node internal/dev/release/write-attributions.ts "$@"
}
