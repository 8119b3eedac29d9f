#!/usr/bin/env bash
# Every task of a developer or of CI. `./do help` lists them.
#
# The task x-y is the function x-y in internal/dev/tasks/x-y.sh. The variable help_x_y in that file explains it,
# and the list has its first line. A task starts another one by ./do. lib.sh has the code that tasks share.
set -eu -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
tasks=internal/dev/tasks
# shellcheck source=internal/dev/tasks/lib.sh
source "$tasks/lib.sh"

# shellcheck disable=SC2034 # `explain` reads it
help_list="List the names of the tasks"
list() {
    sed -n 's/^help_\([a-z0-9_]*\)=.*/\1/p' ./do "$tasks"/*.sh | tr _ - | LC_ALL=C sort
}

# shellcheck disable=SC2034 # `explain` reads it
help_help="List the tasks, or explain one: ./do help test, or ./do test --help"
help() {
    local task
    if [[ -n ${1-} ]]; then
        must_exist "$1"
        explain "$1"
        return
    fi
    echo "Usage: ./do TASK [ARGUMENT…]"
    echo
    for task in $(list); do
        printf '  %-22s %s\n' "$task" "$(explain "$task" | head -n 1)"
    done
}

must_exist() {
    list | grep -qxF -- "$1" || fail "there is no task '$1'; see ./do help"
}

explain() {
    local variable=help_${1//-/_}
    load "$1"
    echo "${!variable}"
}

load() {
    # shellcheck source=/dev/null # lint checks each file by itself
    [[ ! -f $tasks/$1.sh ]] || source "$tasks/$1.sh"
}

task=${1:-help}
shift || true
case "$task" in
-h | --help) task=help ;;
esac
if [[ $# == 1 && ($1 == -h || $1 == --help) ]]; then
    set -- "$task"
    task=help
fi
must_exist "$task"
load "$task"
"$task" "$@"
