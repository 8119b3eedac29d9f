help_completion="Print a completion function for bash, zsh or fish: source <(./do completion bash)"
completion() {
    case "${1-}" in
    bash)
        cat <<'EOF'
_do_tasks() {
    [[ $COMP_CWORD == 1 ]] && mapfile -t COMPREPLY < <(compgen -W "$("$1" list)" -- "${COMP_WORDS[1]}")
}
complete -o default -F _do_tasks ./do
EOF
        ;;
    zsh)
        cat <<'EOF'
_do_tasks() { (( CURRENT == 2 )) && compadd -- $(./do list) || _files; }
compdef _do_tasks ./do
EOF
        ;;
    fish)
        echo "complete -c do -n '__fish_is_first_arg' -f -a '(./do list)'"
        ;;
    *) fail "expected bash, zsh or fish, as in: source <(./do completion bash)" ;;
    esac
}
