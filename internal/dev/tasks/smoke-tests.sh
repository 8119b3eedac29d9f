help_smoke_tests="Trigger CircleCI pipelines that run tasks with a runner-init image, and wait for their ends (up to 20 minutes)

SMOKE_TESTS_MACHINE_SKIP=true ./do smoke-tests     the container runner's alone, with KUBERNETES_CIRCLE_API_TOKEN
docs/smoke-tests.md lists the variables"
smoke-tests() {
    no_arguments smoke-tests "$@"
    use_pinned_node
    node internal/dev/smoke/smoke-tests.ts
}
