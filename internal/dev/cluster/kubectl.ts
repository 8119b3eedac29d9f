import { runCommand } from '../run-command.ts';
import { wholeEnvironment } from '../variables.ts';
import { places } from './places.ts';

/** Makes `kubectl` and `helm` the administrator of the cluster. */
export function kubernetesEnvironment(): NodeJS.ProcessEnv {
  return { ...wholeEnvironment, KUBECONFIG: places.kubeconfig };
}

/**
 * Runs kubectl as the administrator.
 *
 * @param input the text on its stdin, for `-f -`
 * @returns its output
 * @throws Error with its stderr, unless it succeeds
 */
export function kubectl(args: readonly string[], input = ''): Promise<string> {
  return runCommand([places.kubectl, ...args], { env: kubernetesEnvironment(), input });
}
