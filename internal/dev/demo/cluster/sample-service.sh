#!/bin/sh
# A service container of the demo: prints that it is ready, and then what it does, until its Pod ends.
trap 'echo "$1: stops"; exit' TERM
echo "$1: ready for connections"
query=0
while sleep 1; do
    query=$((query + 1))
    echo "$1: answered query $query"
done
