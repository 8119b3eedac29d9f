import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { delay } from '../../internal/delay.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import { selectsNode } from './fits-node.ts';
import type { KnownNodes } from './known-nodes.ts';

/** The checker's input. */
export interface ConstraintCheck {
  readonly nodes: Pick<KnownNodes, 'refresh'>;
  /** The classes that claim, by their dotted names. */
  readonly classes: () => ReadonlyMap<string, ResourceClass>;
  /** The number of checks in a row that must fail before a class stops claiming. */
  readonly threshold: number;
  /** Stops a class from claiming. @returns a function that lets it claim again */
  readonly pause: (resourceClass: string, reason: string) => () => void;
  readonly onChecked: (resourceClass: string, fits: boolean) => void;
  readonly logger: ControllerLogger;
}

/** Checks regularly that the Pods of each class fit a node, so that no class claims tasks that cannot run. */
export class ConstraintChecker {
  readonly #check: ConstraintCheck;
  readonly #failures = new Map<string, number>();
  readonly #resumes = new Map<string, () => void>();
  /** The checks in a row that the API server has refused. */
  #refusals = 0;

  constructor(check: ConstraintCheck) {
    this.#check = check;
  }

  /** Checks at once and after each interval, until the signal aborts. */
  async run(intervalMs: number, signal: AbortSignal): Promise<void> {
    do await this.checkOnce(signal);
    while (await delay(intervalMs, signal));
  }

  async checkOnce(signal: AbortSignal): Promise<void> {
    const { classes, logger, nodes } = this.#check;
    try {
      const list = await nodes.refresh(signal);
      this.#refusals = 0;
      for (const [name, { spec }] of classes())
        this.#note(
          name,
          list.some((node) => selectsNode(spec, node)),
        );
    } catch (error) {
      if (signal.aborted) return;
      this.#refusals = isStatus(error, 403) ? this.#refusals + 1 : 0;
      // An API server that has just started may refuse what Roles allow.
      if (this.#refusals > 1) {
        logger.warn('resource classes are not checked against nodes: the controller may not list nodes', {
          error,
        });
        // Perhaps nobody ever finds out that the class fits a node again.
        for (const name of this.#resumes.keys()) this.#resume(name);
      } else logger.warn('resource classes could not be checked against nodes', { error });
    }
  }

  #note(name: string, fits: boolean): void {
    const { logger, onChecked, pause, threshold } = this.#check;
    onChecked(name, fits);
    const failures = fits ? 0 : (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    const isPaused = this.#resumes.has(name);
    if (fits && isPaused) {
      this.#resume(name);
      logger.info('a resource class fits a node again, and claims tasks', { 'resource.class': name });
    }
    if (!fits) logger.warn('a resource class fits no node', { 'resource.class': name, failures });
    if (failures < threshold || isPaused) return;
    const reason = `no node has what its nodeName, nodeSelector or nodeAffinity asks for, in ${failures} checks`;
    this.#resumes.set(name, pause(name, reason));
  }

  #resume(name: string): void {
    this.#resumes.get(name)?.();
    this.#resumes.delete(name);
  }
}
