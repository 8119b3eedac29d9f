# shellcheck shell=sh
# The job as a thief. It prints everything that it may read of other processes in the container, and counts the secrets
# (one per line in /secrets) in their memory.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  name=$(cat "$process/comm" 2>/dev/null)
  { [ "$pid" = $$ ] || [ -z "$name" ]; } && continue
  echo "== $pid $name"
  for file in environ cmdline auxv maps stack syscall mountinfo stat status; do
    echo "-- $file"
    cat "$process/$file"
  done
  for file in "$process"/fd/* "$process"/task/*/environ "$process"/task/*/cmdline "$process"/task/*/fd/*; do
    echo "-- $file"
    [ -f "$file" ] && cat "$file"
  done
  echo "-- mem"
  grep -E ' rw.. ' "$process/maps" | while IFS=' -' read -r start end rest; do
    start=$((0x$start / 4096)) end=$((0x$end / 4096))
    dd if="$process/mem" bs=4096 skip=$start count=$((end - start)) 2>/dev/null
  done | grep -a -c -F -f /secrets
  # Without a list: the address to which all programs like this one are loaded.
  dd if="$process/mem" bs=4096 skip=1024 count=1 | grep -a -c ELF
done 2>&1
echo "the thief is done"
exit 0
