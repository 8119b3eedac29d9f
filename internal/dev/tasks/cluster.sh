help_cluster="Run a real Kubernetes of one node on this machine, as root on Debian: ./do cluster up|down|status|…

./do cluster up               bring it up; the first time, its programs are built, which takes some minutes
./do cluster up --with gateway   with the definitions of the Gateway API
./do cluster status           what runs, and where its logs are
./do cluster kubectl …        kubectl as its administrator; helm likewise
./do cluster load IMAGE…      give it images: archives of docker save, OCI archives, or those of a Docker engine by name
./do cluster images           the names of the images that it has
./do cluster down             take it down, whatever state it is in, and remove every trace
docs/cluster.md says what it consists of"
cluster() {
    use_pinned_node
    exec node internal/dev/cluster/cluster.ts "$@"
}
