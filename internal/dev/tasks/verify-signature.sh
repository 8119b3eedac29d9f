help_verify_signature="Verify the signature and the bills of materials of an image by cosign.pub: ./do verify-signature circleci/runner-init:agent (5 minutes the first time)"
verify-signature() {
    [[ $# == 1 ]] || fail "verify-signature takes the name of an image"
    [[ -f cosign.pub ]] || fail "cosign.pub is missing: it is the public half of COSIGN_KEY, to be committed by who has it"
    need_cosign
    cosign verify --key cosign.pub "$1"
    cosign verify-attestation --key cosign.pub --type cyclonedx "$1" >/dev/null
}
