# The runner-init image for Windows nodes. Dockerfile has the one for Linux. It has never been built or run on Windows:
# docs/orchestrator/windows.md says what is known. A Windows container needs a Windows that is not older than the container's.
#
#   ./do build windows
#   docker build --platform windows/amd64 --file windows.Dockerfile --tag runner-init:windows .

# An image that has the task agent for Windows, as /opt/circleci/windows/amd64/circleci-agent.
ARG PICARD_VERSION=agent
ARG TASK_AGENT=circleci/picard:${PICARD_VERSION}
ARG WINDOWS_BASE=mcr.microsoft.com/windows/nanoserver:ltsc2025
ARG BUILDPLATFORM

# The build only copies files from this image and runs nothing in it, so the build machine's platform works.
FROM --platform=${BUILDPLATFORM} ${TASK_AGENT} AS task-agent

FROM ${WINDOWS_BASE}

LABEL org.opencontainers.image.title="runner-init" \
      org.opencontainers.image.description="Copies the orchestrator and the task agent to the shared volume of a task's Pod" \
      org.opencontainers.image.source="https://github.com/circleci/runner-init" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY LICENSE THIRD_PARTY_LICENSES /
COPY --from=task-agent /opt/circleci/windows/amd64/circleci-agent /circleci-agent.exe
COPY target/bin/windows/amd64/orchestrator.exe /orchestrator.exe

# SOURCE is / by default. Here this is the root of drive C.
ENTRYPOINT ["C:\\orchestrator.exe", "init"]
