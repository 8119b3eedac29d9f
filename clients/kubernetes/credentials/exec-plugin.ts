import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A credential plugin, as a kubeconfig names it. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { name: string; value: string }[] | null;
}

/** How long a plugin's token is used if the plugin does not say when it expires, ms. */
const freshMs = 10 * 60_000;

/**
 * Asks a plugin for a token, again before it expires (Kubernetes documentation, "client-go credential plugins"). Several
 * calls at once ask once.
 *
 * @param limitMs how long the plugin may take
 */
export function execToken(
  plugin: ExecPlugin,
  environment: Readonly<Record<string, string>>,
  limitMs = 30_000,
): () => Promise<string | undefined> {
  /** The clock of the machine may be set, so the time is on the monotonic clock. */
  let known: { readonly token: string | undefined; readonly untilMs: number } | undefined;
  let asking: Promise<string | undefined> | undefined;
  const ask = async () => {
    const request = JSON.stringify({
      apiVersion: plugin.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
    const given = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
    const env = { ...environment, ...given, KUBERNETES_EXEC_INFO: request };
    const { status = {} } = await runPlugin(plugin, env, limitMs);
    const lastsMs = Date.parse(status.expirationTimestamp ?? '') - 60_000 - Date.now();
    known = {
      token: status.token,
      untilMs: performance.now() + (Number.isNaN(lastsMs) ? freshMs : lastsMs),
    };
    return known.token;
  };
  return async () => {
    if (known !== undefined && performance.now() < known.untilMs) return known.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return await asking;
  };
}

interface ExecCredential {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

/** The output holds the token, so no message quotes it. */
async function runPlugin(
  plugin: ExecPlugin,
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<ExecCredential> {
  const options = { env, timeout: limitMs, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(plugin.command, plugin.args ?? [], options).catch((error) => {
    const { code, killed } = error as { code?: unknown; killed?: boolean };
    const ended = typeof code === 'number' ? `exit status ${code}` : code;
    const how = killed ? `it did not end within ${limitMs / 1000} s` : ended;
    throw new Error(`the credential plugin of the kubeconfig, ${plugin.command}, failed: ${how}`);
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the credential plugin of the kubeconfig, ${plugin.command}, did not print JSON`);
  }
}
