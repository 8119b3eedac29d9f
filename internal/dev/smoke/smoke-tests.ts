import { wholeEnvironment } from '../variables.ts';
import { runSmokeTest, type SmokeTestResult } from './run-smoke-test.ts';
import { type DriverSettings, readSettings, SettingsError } from './settings.ts';

/*
 * ./do smoke-tests: runs the smoke tests of both drivers at once, with settings from the environment
 * (docs/smoke-tests.md). Exits 0 if all have passed, 1 if not, 80 if a setting is wrong, 130 or 143 if a signal ended
 * it.
 */
const signals = { SIGINT: 130, SIGTERM: 143 } as const;

const interrupted = new AbortController();
for (const [signal, status] of Object.entries(signals)) {
  process.once(signal, () => {
    process.exitCode = status;
    interrupted.abort(signal);
  });
}

function print(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

async function run(settings: DriverSettings): Promise<SmokeTestResult & { driver: string }> {
  const { driver } = settings;
  const result = await runSmokeTest({
    settings,
    print: (line) => print(`${driver}: ${line}`),
    signal: interrupted.signal,
  });
  return { driver, ...result };
}

try {
  const results = await Promise.all(readSettings(wholeEnvironment).map(run));
  for (const { driver, passed, summary } of results) {
    print(`${driver}: ${passed ? 'PASSED' : 'FAILED'}: ${summary}`);
  }
  if (results.length === 0) print('all smoke tests are skipped');
  process.exitCode ??= results.every(({ passed }) => passed) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(`smoke-tests: ${error.message}`);
  process.exitCode = 80;
}
