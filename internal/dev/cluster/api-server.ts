import { readFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { apiServerUrl } from './addresses.ts';
import { authorityCertificate, certificateOf, keyOf } from './certificates.ts';

const limitMs = 5_000;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Whether a component answers a request with 200. */
export async function answersWell(url: string): Promise<boolean> {
  return (await request(url))?.status === 200;
}

/**
 * Reads an object of the API server as the administrator.
 *
 * @param path such as /api/v1/nodes/node
 * @returns undefined when there is none, or no API server answers
 */
export async function readObject(path: string): Promise<unknown> {
  const answer = await request(`${apiServerUrl}${path}`);
  return answer?.status === 200 ? JSON.parse(answer.body) : undefined;
}

async function request(url: string): Promise<Answer | undefined> {
  try {
    return await new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(limitMs);
      const sent = url.startsWith('https:')
        ? getHttps(url, { ...readCredentials(), signal })
        : getHttp(url, { signal });
      sent.once('error', reject);
      sent.once('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
      });
    });
  } catch {
    return undefined; // Whatever is wrong with a component, its log says it better.
  }
}

function readCredentials() {
  return {
    ca: readFileSync(authorityCertificate),
    cert: readFileSync(certificateOf('admin')),
    key: readFileSync(keyOf('admin')),
  };
}
