#!/bin/sh
# A task agent whose output a log pipeline has to leave as it is. Its last line has no line feed.
echo 'text of the job, with "msg":"task failed" in it'
echo '{"hello":"job"}'
printf '{"level":"info","msg":"cut sho'
exit 7
