import { makeFileFor } from '../../../internal/dev/testing/cluster/first-process.ts';

/** The script of an agent that says that it runs, and ends when its container has the file /shared/end. */
export const untilTold = ['say=the%20agent%20runs', 'wait-file=/shared/end'];

/** Creates that file without the API server and the kubelet. @param pid of PID 1 in the container */
export const tell = (pid: number) => makeFileFor(pid, '/shared/end');
