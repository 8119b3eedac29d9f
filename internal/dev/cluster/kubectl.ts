import { runCommand } from '../run-command.ts';
import { places } from './places.ts';

/** Makes `kubectl` and `helm` the administrator of the cluster. */
export function kubernetesEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: places.kubeconfig };
}

/**
 * Runs kubectl as the administrator.
 *
 * @param input what it reads, for `-f -`
 * @returns its output
 * @throws Error with what it wrote to stderr unless it ended well
 */
export function kubectl(args: readonly string[], input = ''): Promise<string> {
  return runCommand([places.kubectl, ...args], { env: kubernetesEnvironment(), input });
}
