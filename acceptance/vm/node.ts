import { afterAll, beforeAll, expect, inject } from 'vitest';
import { callsIn, lastMessageIn } from '../../internal/dev/runner-api/received-requests.ts';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { taskConfig } from '../../internal/dev/testing/task-config.ts';
import {
  type ContainerToRun,
  type ContainerTraces,
  containerScript,
  parseTraces,
  tracesScript,
} from '../../internal/dev/vm/container.ts';
import { type SecurityModule, VirtualMachine } from '../../internal/dev/vm/virtual-machine.ts';
import { expectRefused } from '../orchestrator/node-outcomes.ts';
import { type EndedTask, startApi } from '../orchestrator/start-task.ts';

const binaries = '/opt/circleci/bin';
/** This machine's address in qemu's user network. */
const host = '10.0.2.2';

/** A task in a container on a node. */
export interface TaskOnNode extends Omit<ContainerToRun, 'id' | 'command'> {
  /** The fake agent's script. */
  readonly agent?: readonly string[];
  /** The limit of the container's processes and threads, from the orchestrator's first instruction on. */
  readonly pids?: number;
  /** A shell script that is PID 1 of the container before it becomes the orchestrator, `"$@"`. */
  readonly before?: string;
}

export interface EndedTaskOnNode extends EndedTask, ContainerTraces {}

/** A node in a virtual machine, for the tests of the calling file. */
export interface TestNode {
  /** Runs a shell script on it. @returns its output @throws Error unless it ends with status 0 */
  run(script: string): Promise<string>;
  /** Runs a task in a container whose PID 1 is the orchestrator. */
  runTask(task: TaskOnNode): Promise<EndedTaskOnNode>;
}

/** Asserts that nothing has started, and one line names the reason soon enough for a waiting operator. */
export function expectRefusedOnNode(task: EndedTaskOnNode, reason: RegExp): void {
  expectRefused(task, reason);
  expect(task.seconds).toBeLessThan(10);
}

/** Boots the node before the file's first test. */
export function bootNode(securityModule?: SecurityModule): TestNode {
  const folder = sharedScratchFolder();
  let machine: VirtualMachine | undefined;
  beforeAll(async () => {
    machine = await VirtualMachine.boot({
      ...inject('vm'),
      ...(securityModule && { securityModule }),
      folder: folder.path,
    });
  });
  afterAll(() => machine?.[Symbol.asyncDispose]());
  const run = (script: string) => {
    if (machine === undefined) throw new Error('the node boots before the first test, not before that');
    return machine.run(script);
  };
  const runWell = async (script: string) => {
    const { status, stdout, stderr } = await run(script);
    if (status !== 0) throw new Error(`${script} ended with ${status} on the node: ${stderr}`);
    return stdout;
  };
  return {
    run: runWell,
    async runTask({ agent = [], pids, before = 'exec "$@"', env, ...container }) {
      const api = await startApi();
      const config = taskConfig({
        cmd: [],
        runner_api_base_url: `http://${host}:${api.port}`,
        task_agent_path: [`${binaries}/circleci-agent`, ...agent].join(' '),
      });
      const { task_id: id } = config;
      const command = ['sh', '-c', before, 'sh', `${binaries}/orchestrator`, 'run-task'];
      const variables = { CIRCLECI_GOAT_CONFIG: JSON.stringify(config), ...env };
      const end = await run(containerScript({ ...container, id, command, env: variables }, pids));
      const traces = parseTraces(await runWell(tracesScript(id)));
      const { requests } = api;
      return {
        ...{ ...end, signal: null, ...traces },
        ...{ calls: callsIn(requests), message: lastMessageIn(requests) },
      };
    },
  };
}
