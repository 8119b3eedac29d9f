#!/bin/sh
# The demo's custom entrypoint, as an image may bring one: prepares something, then becomes the command it is given.
echo "prepares the container as PID $$, then becomes: run-task"
sleep 0.3
exec "$@"
