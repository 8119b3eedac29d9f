import type { Environment } from '../../internal/environment.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { checkListenAddress } from '../../internal/health/listen-address.ts';
import { nearestOf } from '../../internal/nearest.ts';
import { describeWrapping } from '../../internal/options.ts';
import { logLevels } from '../log/controller-logger.ts';
import { logFormats } from '../log/create-controller-logger.ts';
import { sanitizeAgentName } from './agent-name.ts';
import {
  choice,
  count,
  duration,
  flag,
  label,
  list,
  namespace,
  text,
  url,
  type VariableRule,
} from './rules.ts';

/** All variables of this program: those that the public Helm chart sets, and our own, which begin with RUNNER_. */
export const variables = {
  RUNNER_API: url('https://runner.circleci.com'),
  AGENT_NAME: { parse: sanitizeAgentName, default: 'container-agent' },
  MAX_RUN_TIME: duration('5h'),
  MAX_CONCURRENT_TASKS: count(20, 1),
  CHECK_ENABLED: flag(false),
  CHECK_THRESHOLD: count(3, 1),
  CHECK_INTERVAL: duration('15m', '1s'),
  KUBE_NAMESPACE: namespace(''),
  KUBE_TASK_POD_CONFIG: text(''),
  KUBE_TOKEN_SECRETS: list(),
  KUBE_LOGGING_IMAGE: text(''),
  KUBE_LOGGING_SECRET: text(''),
  KUBE_AUTODETECT_PLATFORM: flag(true),
  KUBE_CONTAINER_AGENT_INSTANCE: label(''),
  KUBE_GC_ENABLED: flag(true),
  KUBE_GC_THRESHOLD: duration('5h5m'),
  // A sweep lists all objects of the tasks.
  KUBE_GC_INTERVAL: duration('3m', '100ms'),
  KUBE_RUNNER_INIT_IMAGE: text(''),
  KUBE_SSH_IS_ENABLED: flag(false),
  KUBE_SSH_GATEWAY_NAME: text(''),
  KUBE_SSH_SERVICE_NAME: text(''),
  KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP: flag(false),
  DEBUG_RUNNER_INIT_VERSION: text(''),
  O11Y_LEVEL: choice(logLevels, 'info'),
  O11Y_FORMAT: choice(logFormats, 'json'),
  RUNNER_HEALTH_ADDR: { parse: checkListenAddress, default: ':7623' },
  RUNNER_CREATE_TIMEOUT: duration('10m'),
  RUNNER_SCHEDULING_TIMEOUT: duration('10m'),
  RUNNER_IMAGE_ERROR_GRACE: duration('30s'),
  RUNNER_IMAGE_PULL_TIMEOUT: duration('20m'),
  RUNNER_START_TIMEOUT: duration('10m'),
  RUNNER_CANCELLATION_GRACE: duration('15s', '0s'),
  RUNNER_AUTOSCALER_ANNOTATIONS: flag(true),
} as const satisfies Record<string, VariableRule<unknown>>;

type Variables = typeof variables;

/** The values of the variables, by their names. Durations are in ms. */
export type ControllerSettings = { readonly [Name in keyof Variables]: ReturnType<Variables[Name]['parse']> };

/** Variables of older charts. They have no effect any more. */
const historic = ['KUBE_META_DATA_NAME', 'KUBE_SHARED_TASK_VOLUME', 'KUBE_SHARED_TASK_AGENT_VOLUME'];

/** Variables that Kubernetes sets for every Service of the namespace. A Service may well be called `runner-…`. */
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_\w+)$/;

/** A variable cannot be used. The message is one line that names it and what was expected. */
export class ControllerSettingsError extends Failure {
  override readonly name = 'ControllerSettingsError';

  constructor(message: string) {
    super(sharedKinds.usage, message);
  }
}

/**
 * Reads the settings, with warnings about variables that have no effect.
 *
 * @throws ControllerSettingsError
 */
export function readControllerSettings(environment: Environment): {
  settings: ControllerSettings;
  warnings: string[];
} {
  const entries = Object.entries<VariableRule<unknown>>(variables);
  const settings = Object.fromEntries(
    entries.map(([name, rule]) => [name, readVariable(environment, name, rule)]),
  );
  return { settings: settings as ControllerSettings, warnings: [...warnOf(environment)] };
}

function readVariable<T>(environment: Environment, name: string, rule: VariableRule<T>): T {
  const value = environment.get(name)?.trim() ?? '';
  if (value === '') return rule.default;
  try {
    return rule.parse(value);
  } catch (error) {
    const reason = describeWrapping(value) ?? (error instanceof Error ? error.message : error);
    throw new ControllerSettingsError(`${name}: ${reason}.`);
  }
}

function* warnOf(environment: Environment): Generator<string> {
  for (const name of environment.names()) {
    if (historic.includes(name)) yield `${name} is set, but no longer has any effect: remove it.`;
    if (Object.hasOwn(variables, name) || serviceLink.test(name)) continue;
    const meant = nearestOf(name, Object.keys(variables));
    if (meant !== undefined) yield `${name} is set, but there is no such variable: is ${meant} meant?`;
    else if (name.startsWith('RUNNER_'))
      yield `${name} is set, but there is no such variable: is it misspelt?`;
  }
}
