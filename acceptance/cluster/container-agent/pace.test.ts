import { expect, test } from 'vitest';
import { type AuditedRequest, readAuditLog } from '../../../internal/dev/testing/cluster/audit-log.ts';
import { names } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { firstProcessOf } from '../../../internal/dev/testing/cluster/first-process.ts';
import { readProc, statusField } from '../../../internal/dev/testing/proc.ts';
import { TestController } from './controller.ts';

test('the events of a task come in an order that shows how soon they happen', async () => {
  await using controller = await TestController.start();
  const firstClaimMs = controller.api.requests.find(({ call }) => call === 'claim')?.at ?? 0;
  const [firstLine] = await controller.log();
  const memory = await residentMemory(controller);
  const task = controller.submit({ agent: ['say=the%20agent%20runs', 'forever'] });
  await task.printed(/the agent runs/);
  await task.killFirstProcess();
  await task.ended();
  const name = task.pods[0]?.metadata?.name ?? '';
  const audited = await readAuditLog(`"${name}"`, firstClaimMs);
  const received = (wanted: string) => task.requests.find(({ call }) => call === wanted)?.at ?? 0;
  const [claimed, created, ended, reported] = [
    received('task-configuration'),
    lastOf(audited, ({ objectRef, verb }) => verb === 'create' && objectRef?.resource === 'pods', Infinity),
    lastOf(audited, ({ objectRef }) => objectRef?.subresource === 'status', received('fail')),
    received('fail'),
  ];
  console.log(`start to the first claim: ${firstClaimMs - Date.parse(String(firstLine?.time))} ms`);
  console.log(`resident with nothing to do: ${memory}`);
  console.log(`the answer to a claim to the creation of the Pod: ${created - claimed} ms`);
  console.log(`what the kubelet says of the end to the report: ${reported - ended} ms`);
  expect([claimed, created, ended, reported].toSorted((a, b) => a - b)).toEqual([
    claimed,
    created,
    ended,
    reported,
  ]);
});

/** When the API server got the last matching request before a time, Unix time in ms. */
function lastOf(
  requests: readonly AuditedRequest[],
  condition: (request: AuditedRequest) => boolean,
  beforeMs: number,
): number {
  const times = requests
    .filter(condition)
    .map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
  return Math.max(...times.filter((atMs) => atMs <= beforeMs));
}

async function residentMemory(controller: TestController): Promise<string> {
  const [pod = {}] = await controller.pods();
  const pid = firstProcessOf(pod, names.controller) ?? 0;
  return statusField(readProc(pid, 'status'), 'VmRSS');
}
