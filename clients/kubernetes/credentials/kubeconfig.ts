import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Credentials, CredentialsError } from './credentials.ts';
import { type ExecPlugin, execToken } from './exec-plugin.ts';
import { rereadFile } from './reread-file.ts';

/** The fields of a kubeconfig that this program uses (Kubernetes documentation, "client.config.v1"). */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    name: string;
    context?: { cluster?: string; user?: string; namespace?: string };
  }[];
  readonly clusters?: readonly { name: string; cluster?: Cluster }[];
  readonly users?: readonly { name: string; user?: User }[];
}

interface Cluster {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
}

interface User {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly exec?: ExecPlugin;
}

/**
 * The credentials of a kubeconfig's current context. They are for development: a controller in a cluster uses its
 * service account.
 *
 * @param environment for exec plugins
 * @throws CredentialsError
 */
export async function kubeconfigCredentials(
  path: string,
  environment: Readonly<Record<string, string>>,
): Promise<Credentials> {
  try {
    const config: unknown = parse(await readFile(path, 'utf8'));
    if (typeof config !== 'object' || config === null) throw new Error('it is not a kubeconfig');
    return await credentialsOf(config, path, environment);
  } catch (cause) {
    // The YAML parser quotes lines of the file below its message.
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split(':\n');
    throw new CredentialsError(`The kubeconfig ${path} cannot be used: ${reason}.`, { cause });
  }
}

async function credentialsOf(
  config: Kubeconfig,
  path: string,
  environment: Readonly<Record<string, string>>,
): Promise<Credentials> {
  const name = config['current-context'] ?? '';
  if (name === '') throw new Error('it has no current-context');
  const { context } = find(config.contexts, name, 'context');
  const { cluster = {} } = find(config.clusters, context?.cluster ?? '', 'cluster');
  const { user = {} } = find(config.users, context?.user ?? '', 'user');
  const server = cluster.server ?? '';
  if (!/^https?:/.test(URL.parse(server)?.protocol ?? ''))
    throw new Error(
      `the server of the cluster "${context?.cluster}" must be a URL such as https://host:6443`,
    );
  const read = (data: string | undefined, file: string | undefined) => contentOf(data, file, dirname(path));
  const ca = await read(cluster['certificate-authority-data'], cluster['certificate-authority']);
  return {
    server: server.replace(/\/$/, ''),
    namespace: context?.namespace,
    tls: {
      ca: async () => ca,
      cert: await read(user['client-certificate-data'], user['client-certificate']),
      key: await read(user['client-key-data'], user['client-key']),
      insecure: cluster['insecure-skip-tls-verify'] ?? false,
    },
    token: tokenOf(user, dirname(path), environment),
  };
}

function find<T extends { name: string }>(list: readonly T[] | undefined, name: string, what: string): T {
  const found = list?.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`it has no ${what} "${name}"`);
  return found;
}

async function contentOf(
  data: string | undefined,
  file: string | undefined,
  folder: string,
): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : readFile(resolve(folder, file), 'utf8');
}

function tokenOf(
  { exec, token, tokenFile }: User,
  folder: string,
  environment: Readonly<Record<string, string>>,
): () => Promise<string | undefined> {
  // The file takes precedence: Kubernetes documentation, "client.config.v1".
  if (tokenFile !== undefined) return rereadFile(resolve(folder, tokenFile));
  if (token !== undefined) return async () => token;
  if (exec !== undefined) return execToken(exec, environment);
  return async () => undefined;
}
