import { open, stat } from 'node:fs/promises';
import type { Environment } from '../environment.ts';

/** A setting that is probably wrong, and the reason. */
export interface SettingMistake {
  readonly setting: string;
  readonly problem: string;
}

/**
 * Finds mistakes in SSL_CERT_FILE and SSL_CERT_DIR before a certificate is needed. Missing places are not an error (see
 * `readSystemStore`), so otherwise only a refused certificate would show them.
 */
export async function certificateMistakes(environment: Environment): Promise<SettingMistake[]> {
  const file = environment.get('SSL_CERT_FILE');
  const directories = (environment.get('SSL_CERT_DIR') ?? '').split(':').filter(Boolean);
  const found = [
    ...(file ? [mistakeAt('SSL_CERT_FILE', file, async () => describeContent(await readStart(file)))] : []),
    ...directories.map((path) => mistakeAt('SSL_CERT_DIR', path, () => describeDirectory(path))),
  ];
  return (await Promise.all(found)).flatMap((mistake) => mistake ?? []);
}

async function mistakeAt(
  setting: string,
  path: string,
  look: () => Promise<string | undefined>,
): Promise<SettingMistake | undefined> {
  const problem = await look().catch(
    (error: unknown) => `cannot be read: ${error instanceof Error ? error.message : error}`,
  );
  return problem === undefined ? undefined : { setting, problem: `${path} ${problem}` };
}

/** Only comments may come before the first certificate of a bundle. */
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

async function describeDirectory(path: string): Promise<string | undefined> {
  return (await stat(path)).isDirectory() ? undefined : 'is not a directory';
}
