# The runner-init image: the init container of a task's Pod uses it to copy the orchestrator and the task agent to the shared
# volume. `./do images` builds it. container-agent.Dockerfile has the other image.

# An image that has the task agent for every architecture, as /opt/circleci/linux/<architecture>/circleci-agent.
ARG PICARD_VERSION=agent
ARG TASK_AGENT=circleci/picard:${PICARD_VERSION}

# The build only copies files from this image and runs nothing in it, so the build machine's platform works for all.
FROM --platform=${BUILDPLATFORM} ${TASK_AGENT} AS task-agent

FROM scratch
ARG TARGETARCH

LABEL org.opencontainers.image.title="runner-init" \
      org.opencontainers.image.description="Copies the orchestrator and the task agent to the shared volume of a task's Pod" \
      org.opencontainers.image.source="https://github.com/circleci/runner-init" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY LICENSE THIRD_PARTY_LICENSES /
COPY --from=task-agent /opt/circleci/linux/${TARGETARCH}/circleci-agent /circleci-agent
COPY target/bin/linux/${TARGETARCH}/orchestrator /orchestrator

ENTRYPOINT ["/orchestrator", "init"]
