import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { scratchFolder } from '../internal/dev/testing/scratch-folder.ts';
import { Environment } from '../internal/environment.ts';
import { parseConfig } from './config.ts';
import { warnOfSettings } from './warn-of-settings.ts';

const right = { runner_api_base_url: 'https://runner.example', token: 'Sesame', task_agent_path: '/agent' };

async function warningsOf(fields: object, variables: Record<string, string> = {}): Promise<string[]> {
  const logger = new RecordingLogger();
  const config = parseConfig(JSON.stringify(fields));
  const given = {
    config,
    fieldNames: Object.keys(fields),
    environment: Environment.fromObject(variables),
    knownVariables: ['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', 'CIRCLECI_GOAT_LOG_FORMAT'],
  };
  await warnOfSettings(given, logger);
  return logger.events.map(({ fields: { setting, problem } }) => `${setting}: ${problem}`);
}

function fileWith(content: string): string {
  const file = join(scratchFolder(), 'certificates');
  writeFileSync(file, content, 'latin1');
  return file;
}

test('does not warn about correct settings, or about fields and variables of others', async () => {
  const SSL_CERT_FILE = fileWith('# mine\n-----BEGIN CERTIFICATE-----\n');
  const variables = {
    SSL_CERT_FILE,
    CIRCLECI_GOAT_LOG_FORMAT: 'json',
    CIRCLECI_GOAT_SOMETHING_NEW: '1',
    PATH: '/',
  };
  expect(await warningsOf({ ...right, something_new: 1, cmds: [], cmd: [] }, variables)).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ['an empty base URL', { runner_api_base_url: '' }, /^runner_api_base_url: .*is empty/],
  [
    'a base URL that is none',
    { runner_api_base_url: 'runner.example' },
    /^runner_api_base_url: .*not a valid URL/,
  ],
  ['no token', { token: '' }, /^token: it is empty/],
  ['a token with a line feed', { token: 'Sesame\n' }, /^token: it has a line feed/],
  ['a field that is misspelt', { readinessFilePath: '/x' }, /^readinessFilePath: .* readiness_file_path is/],
])('warns once of %s', async (_title, fields, warning) => {
  expect(await warningsOf({ ...right, ...fields })).toEqual([expect.stringMatching(warning)]);
});

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    'a file that is missing',
    () => ({ SSL_CERT_FILE: '/nowhere/ca.pem' }),
    /^SSL_CERT_FILE: \/nowhere\/ca.pem .*ENOENT/,
  ],
  [
    'a private key',
    () => ({ SSL_CERT_FILE: fileWith('-----BEGIN PRIVATE KEY-----\n') }),
    /has a private key/,
  ],
  ['DER', () => ({ SSL_CERT_FILE: fileWith('\x30\x82\x01\x02') }), /is a certificate in DER/],
  [
    'a directory that is missing',
    () => ({ SSL_CERT_DIR: '/:/nowhere/certs' }),
    /^SSL_CERT_DIR: \/nowhere\/certs .*ENOENT/,
  ],
  [
    'a directory that is a file',
    () => ({ SSL_CERT_DIR: fileWith('') }),
    /^SSL_CERT_DIR: .* is not a directory$/,
  ],
  [
    'a proxy of another kind',
    () => ({ HTTP_PROXY: 'socks5://p:1', HTTPS_PROXY: 'socks5://p:1' }),
    /^HTTPS_PROXY: it is not an http or https URL, and is ignored$/,
  ],
  ['an empty file', () => ({ SSL_CERT_FILE: fileWith('') }), /has no certificate in PEM/],
  [
    'a variable that is misspelt',
    () => ({ CIRCLECI_GOAT_TERMINATION_GRACEPERIOD: '1s' }),
    /^CIRCLECI_GOAT_TERMINATION_GRACEPERIOD: .*GRACE_PERIOD is probably meant/,
  ],
])('warns once of %s', async (_title, variables, warning) => {
  expect(await warningsOf(right, variables())).toEqual([expect.stringMatching(warning)]);
});
