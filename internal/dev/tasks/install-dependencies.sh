help_install_dependencies="Install the npm packages of the lock file, the pinned Node among them, without running their scripts"
install-dependencies() {
    no_arguments install-dependencies "$@"
    command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer, which brings it"
    npm ci --loglevel=error
    touch node_modules/.package-lock.json
}
