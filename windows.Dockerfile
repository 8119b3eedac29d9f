# The runner-init image for Windows nodes, as Dockerfile is for Linux. Nobody has built or run it on Windows yet:
# docs/orchestrator/windows.md tells what is known. Windows containers run only on a Windows whose version is not older than theirs.
#
#   ./do build windows
#   docker build --platform windows/amd64 --file windows.Dockerfile --tag runner-init:windows .

# An image that has the task agent for Windows, as /opt/circleci/windows/amd64/circleci-agent.
ARG PICARD_VERSION=agent
ARG TASK_AGENT=circleci/picard:${PICARD_VERSION}
ARG WINDOWS_BASE=mcr.microsoft.com/windows/nanoserver:ltsc2025
ARG BUILDPLATFORM

# It is only copied from: nothing in it has to run, so one for the build machine does.
FROM --platform=${BUILDPLATFORM} ${TASK_AGENT} AS task-agent

FROM ${WINDOWS_BASE}

LABEL org.opencontainers.image.title="runner-init" \
      org.opencontainers.image.description="Copies the orchestrator and the task agent to the shared volume of a task's Pod" \
      org.opencontainers.image.source="https://github.com/circleci/runner-init" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY LICENSE THIRD_PARTY_LICENSES /
COPY --from=task-agent /opt/circleci/windows/amd64/circleci-agent /circleci-agent.exe
COPY target/bin/windows/amd64/orchestrator.exe /orchestrator.exe

# SOURCE is / by default: here the root of drive C.
ENTRYPOINT ["C:\\orchestrator.exe", "init"]
