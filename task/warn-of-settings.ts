import { open } from 'node:fs/promises';
import { parseBaseUrl } from '../clients/runner/base-url.ts';
import type { Environment } from '../internal/environment.ts';
import type { Logger } from '../internal/log/logger.ts';
import { nearestOf } from '../internal/nearest.ts';
import type { Config } from './config.ts';

/** The settings of a task, as they were given. */
export interface GivenSettings {
  readonly config: Config;
  /** The names of the configuration's fields, known or not. */
  readonly fieldNames: readonly string[];
  /** The container's environment. */
  readonly environment: Environment;
  /** The orchestrator's own variables. */
  readonly knownVariables: readonly string[];
}

interface Mistake {
  readonly setting: string;
  readonly problem: string;
}

/**
 * Warns of settings that only a failure needs, as long as nothing has failed yet: one line each. None of them
 * keeps the task from running.
 */
export async function warnOfSettings(given: GivenSettings, logger: Logger): Promise<void> {
  const mistakes = [
    ...checkApi(given.config),
    ...(await checkCertificates(given.environment)),
    ...checkFields(given),
    ...checkVariables(given),
  ];
  for (const { setting, problem } of mistakes)
    logger.warn('a setting is probably wrong', { setting, problem });
}

function* checkApi({ runner_api_base_url, token }: Config): Generator<Mistake> {
  try {
    parseBaseUrl(runner_api_base_url);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    yield { setting: 'runner_api_base_url', problem };
  }
  if (token === '') yield { setting: 'token', problem: 'it is empty, so a failure cannot be reported' };
  if (/[^\x20-\x7e]/.test(token)) {
    const problem = 'it has a line feed or another character that no HTTP header may have';
    yield { setting: 'token', problem };
  }
}

async function checkCertificates(environment: Environment): Promise<Mistake[]> {
  const setting = 'SSL_CERT_FILE';
  const path = environment.get(setting);
  if (!path) return [];
  try {
    const problem = describeContent(await readStart(path));
    return problem === undefined ? [] : [{ setting, problem: `${path} ${problem}` }];
  } catch (error) {
    return [
      { setting, problem: `${path} cannot be read: ${error instanceof Error ? error.message : error}` },
    ];
  }
}

/** Bundles begin with comments at most. */
const startBytes = 64 * 1024;

async function readStart(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

function describeContent(text: string): string | undefined {
  if (text.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  if (text.includes('PRIVATE KEY-----')) return 'has a private key and no certificate';
  // DER begins with a SEQUENCE of a length in two bytes: X.690, 8.1.
  if (text.startsWith('\x30\x82')) return 'is a certificate in DER; it must be in PEM';
  return text.length === startBytes ? undefined : 'has no certificate in PEM';
}

function* checkFields({ config, fieldNames }: GivenSettings): Generator<Mistake> {
  for (const name of fieldNames) {
    const meant = nearestOf(name, Object.keys(config));
    if (meant !== undefined && !fieldNames.includes(meant)) yield misspelt(name, meant);
  }
}

function* checkVariables({ environment, knownVariables }: GivenSettings): Generator<Mistake> {
  const names = environment.names();
  for (const name of names.filter((each) => /^CIRCLECI_?GOAT/i.test(each))) {
    const meant = nearestOf(name, knownVariables);
    if (meant !== undefined && !names.includes(meant)) yield misspelt(name, meant);
  }
}

function misspelt(setting: string, meant: string): Mistake {
  return { setting, problem: `it is unknown and ignored; ${meant} is probably meant` };
}
