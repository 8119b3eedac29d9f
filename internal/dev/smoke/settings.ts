import { parseGoDuration } from '../../duration.ts';

/** The settings of the test of one driver. */
export interface DriverSettings {
  /** The driver's name. Its workflow has the same name. */
  readonly driver: 'machine' | 'kubernetes';
  /** Origin of the CircleCI installation, such as `https://circleci.com`. */
  readonly host: string;
  readonly token: string;
  readonly projectSlug: string;
  readonly branch: string;
  readonly parameters: Readonly<Record<string, string | boolean>>;
  /** The time from the trigger to the workflow's end. */
  readonly timeoutMs: number;
}

/** A setting that is missing or wrong. The message names its variable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The default places of each driver's resource classes, as in the original. */
const defaults = {
  machine: { host: 'https://circleci.com', namespace: 'circleci-runner' },
  kubernetes: { host: 'https://k9s.sphereci.com', namespace: 'k9s' },
} as const;

const cloud = 'circleci.com';

/**
 * The smoke tests that the variables select. docs/smoke-tests.md lists the variables. There are none if both
 * drivers are skipped.
 *
 * @throws SettingsError
 */
export function readSettings(variables: Variables): DriverSettings[] {
  const drivers = ['machine', 'kubernetes'] as const;
  return drivers
    .filter((driver) => !readBoolean(variables, `SMOKE_TESTS_${driver.toUpperCase()}_SKIP`))
    .map((driver) => readDriver(driver, variables));
}

function readDriver(driver: DriverSettings['driver'], variables: Variables): DriverSettings {
  const own = driver.toUpperCase();
  const host = readHost(
    `SMOKE_TESTS_${own}_CIRCLE_HOST`,
    firstOf(variables, [`SMOKE_TESTS_${own}_CIRCLE_HOST`, 'CIRCLE_HOST']) ?? defaults[driver].host,
  );
  const tokens = [
    `SMOKE_TESTS_${own}_CIRCLE_API_TOKEN`,
    `${own}_CIRCLE_API_TOKEN`,
    'CIRCLE_API_TOKEN',
  ] as const;
  const token = firstOf(variables, tokens);
  if (token === undefined)
    throw new SettingsError(
      `The API token for the ${driver} tests is missing: set ${tokens[1]}, or SMOKE_TESTS_${own}_SKIP=true to leave them out.`,
    );
  return {
    driver,
    host: host.origin,
    token,
    projectSlug: variables.SMOKE_TESTS_PROJECT || 'github/circleci/runner-smoke-tests',
    branch: variables.SMOKE_TESTS_BRANCH || 'main',
    parameters: {
      driver,
      version: variables.SMOKE_TESTS_VERSION || 'edge',
      trigger_source: variables.CIRCLE_BUILD_URL || 'dev',
      kubernetes_helm_chart_branch: variables.SMOKE_TESTS_KUBERNETES_HELM_CHART_BRANCH ?? '',
      kubernetes_runner_init_tag: variables.SMOKE_TESTS_KUBERNETES_RUNNER_INIT_TAG ?? '',
      ...(readBoolean(variables, 'SMOKE_TESTS_IS_CANARY') ? { is_canary: true } : {}),
      ...(host.host === cloud
        ? {}
        : {
            circleci_domain: host.host,
            runner_api_url: host.origin,
            namespace: variables[`SMOKE_TESTS_${own}_RUNNER_NAMESPACE`] || defaults[driver].namespace,
          }),
    },
    timeoutMs: readTimeout(variables),
  };
}

function firstOf(variables: Variables, names: readonly string[]): string | undefined {
  return names.map((name) => variables[name]).find(Boolean);
}

function readHost(name: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new SettingsError(`${name} must be a URL such as https://circleci.com.`);
  return url;
}

/** Like Go's strconv.ParseBool, which the original uses. */
function readBoolean(variables: Variables, name: string): boolean {
  const text = variables[name] ?? '';
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(|0|f|false)$/i.test(text)) return false;
  throw new SettingsError(`${name} must be true or false.`);
}

function readTimeout(variables: Variables): number {
  try {
    const ms = parseGoDuration(variables.SMOKE_TESTS_TIMEOUT || '20m');
    if (ms > 0) return ms;
  } catch {
    // The message is the same as for a text that is not a duration.
  }
  throw new SettingsError('SMOKE_TESTS_TIMEOUT must be a duration above zero, such as 20m.');
}
