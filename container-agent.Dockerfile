# The container-agent image: the controller, which claims tasks and runs each as a Pod, and the logging container of these Pods.
# `./do images` builds it.

FROM scratch
ARG TARGETARCH

LABEL org.opencontainers.image.title="container-agent" \
      org.opencontainers.image.description="Claims CircleCI tasks and runs each in a Kubernetes Pod" \
      org.opencontainers.image.source="https://github.com/circleci/runner-init" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY LICENSE THIRD_PARTY_LICENSES /
COPY target/bin/linux/${TARGETARCH}/container-agent /container-agent

# Numbers, because the kubelet cannot see that a name is not root (runAsNonRoot).
USER 65532:65532

ENTRYPOINT ["/container-agent"]
