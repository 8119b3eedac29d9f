help_demo="Build, then show a task, or the container runner on a cluster: ./do demo [fail|retry|evict|override|cluster]

./do demo                     a task that ends well
./do demo fail                its agent fails: the failure is reported
./do demo retry               its agent is killed: the task is handed back for another try
./do demo evict               its Pod is evicted: it gets its grace period, then it is interrupted
./do demo override            its container has an entrypoint of its own
./do demo cluster             five jobs on a Kubernetes of this machine, as root on Debian: plain, with services, one that
                              fails, one without its image, one that is evicted. The cluster is brought up, and taken down
                              again unless it was up before; the first time, its programs are built, which takes some minutes
./do demo cluster --keep      the cluster stays, with the controller and the Pods of the jobs: ./do cluster down"
demo() {
    case "${1-success}" in
    success | fail | retry | evict | override) ;;
    cluster)
        if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
            fail "the demo on a cluster needs root on Debian: it makes namespaces and installs packages"
        fi
        ;;
    *) fail "there is no demo '$1'; see ./do help demo" ;;
    esac
    echo "Installing and building what is not there yet"
    if [[ ${1-} == cluster ]]; then
        ./do build "$(go_arch)"
    else
        ./do build "$(go_arch)" orchestrator
    fi
    use_pinned_node
    node internal/dev/demo/demo.ts "$@"
}
