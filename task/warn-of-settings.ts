import { parseBaseUrl } from '../clients/runner/base-url.ts';
import { isHeaderText } from '../clients/runner/header-text.ts';
import type { Environment } from '../internal/environment.ts';
import { readProxySettings } from '../internal/http/proxy-settings.ts';
import { proxyMistakes } from '../internal/http/proxy-variable.ts';
import type { Logger } from '../internal/log/logger.ts';
import { nearestOf } from '../internal/nearest.ts';
import { certificateMistakes, type SettingMistake } from '../internal/trust-store/certificate-mistakes.ts';
import type { Config } from './config.ts';

/** The settings of a task as given. */
export interface GivenSettings {
  readonly config: Config;
  /** The names of the configuration's fields, known or not. */
  readonly fieldNames: readonly string[];
  /** The container's environment. */
  readonly environment: Environment;
  /** The orchestrator's own variables. */
  readonly knownVariables: readonly string[];
}

/**
 * Warns about wrong settings before a failure needs them, one line each. None of them prevents the task from running.
 */
export async function warnOfSettings(given: GivenSettings, logger: Logger): Promise<void> {
  const mistakes = [
    ...checkApi(given.config),
    ...proxyMistakes(given.config.runner_api_base_url, readProxySettings(given.environment)),
    ...(await certificateMistakes(given.environment)),
    ...checkFields(given),
    ...checkVariables(given),
  ];
  for (const { setting, problem } of mistakes)
    logger.warn('a setting is probably wrong', { setting, problem });
}

function* checkApi({ runner_api_base_url, token }: Config): Generator<SettingMistake> {
  try {
    parseBaseUrl(runner_api_base_url);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    yield { setting: 'runner_api_base_url', problem };
  }
  if (token === '') yield { setting: 'token', problem: 'it is empty, so a failure cannot be reported' };
  if (!isHeaderText(token)) {
    const problem = 'it has a line feed or another character that no HTTP header may have';
    yield { setting: 'token', problem };
  }
}

function* checkFields({ config, fieldNames }: GivenSettings): Generator<SettingMistake> {
  for (const name of fieldNames) {
    const meant = nearestOf(name, Object.keys(config));
    if (meant !== undefined && !fieldNames.includes(meant)) yield misspelt(name, meant);
  }
}

function* checkVariables({ environment, knownVariables }: GivenSettings): Generator<SettingMistake> {
  const names = environment.names();
  for (const name of names.filter((each) => /^CIRCLECI_?GOAT/i.test(each))) {
    const meant = nearestOf(name, knownVariables);
    if (meant !== undefined && !names.includes(meant)) yield misspelt(name, meant);
  }
}

function misspelt(setting: string, meant: string): SettingMistake {
  return { setting, problem: `it is unknown and ignored; ${meant} is probably meant` };
}
