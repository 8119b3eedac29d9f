# The runner-init image: the init container of a task's Pod runs it, and copies both programs to the shared volume.
# `./do images` builds it; docs/development.md tells how.

# An image that has the task agent for every architecture, as /opt/circleci/linux/<architecture>/circleci-agent.
ARG PICARD_VERSION=agent
ARG TASK_AGENT=circleci/picard:${PICARD_VERSION}

# It is only copied from: nothing in it has to run, so one for the build machine does for all.
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
