help_verify_signature="Verify the signature and the bills of materials of an image by cosign.pub: ./do verify-signature circleci/runner-init:agent (5 minutes the first time)"
verify-signature() {
    [[ -f cosign.pub ]] || fail "cosign.pub is missing: it is the public half of COSIGN_KEY, to be committed by who has it"
    need_cosign
    cosign verify --key cosign.pub "${1:?which image}"
    cosign verify-attestation --key cosign.pub --type cyclonedx "$1" >/dev/null
}
