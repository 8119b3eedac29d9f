import { etcdUrl } from '../../cluster/components/etcd.ts';
import { requireSandbox } from '../../cluster/sandbox.ts';
import { holdFault } from './hold-fault.ts';

/**
 * Makes etcd refuse everything that needs space, as if its quota were used up: it raises the alarm that etcd itself
 * raises then. See etcd's documentation, "Maintenance", "Space quota".
 *
 * @returns a handle that ends it
 */
export async function fillEtcd(): Promise<AsyncDisposable> {
  const sandbox = requireSandbox();
  const parameters = [process.execPath, setAlarm, `${etcdUrl}/v3/maintenance/alarm`];
  return await holdFault({ begin: change('ACTIVATE'), end: change('DEACTIVATE'), parameters }, sandbox);
}

const change = (action: 'ACTIVATE' | 'DEACTIVATE') => `"$1" --eval "$2" "$3" ${action}`;

const setAlarm = `
const [, url, action] = process.argv;
const body = JSON.stringify({ action, alarm: 'NOSPACE' });
const answer = await fetch(url, { method: 'POST', body });
if (!answer.ok) throw new Error(await answer.text());`;
