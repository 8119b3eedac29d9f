import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { addresses } from '../../cluster/addresses.ts';
import { ApiServerError, callApiServer } from '../../cluster/api-server.ts';
import { startListening } from '../start-listening.ts';
import { createAuthority } from '../tls-fixtures.ts';
import { waitFor } from '../wait-for.ts';

/** The webhook's answer about a Pod: a change (RFC 6902), or the reason why the Pod is denied. */
export type Admission =
  | { readonly patch: readonly object[] }
  | { readonly denial: { readonly code: number; readonly message: string } };

/** The Pods that the webhook is asked about, and its answers. */
export interface AdmissionContract {
  readonly namespace: string;
  /** How long the API server waits for the webhook, s. */
  readonly timeoutSeconds: number;
  readonly judge: (pod: Pod) => Admission | Promise<Admission>;
}

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const managed = { 'app.kubernetes.io/managed-by': 'circleci-container-agent' };
/** The name of the Pod that shows whether the API server already asks. */
const probe = 'probe';

interface AdmissionReview {
  readonly request: { readonly uid: string; readonly object: Pod };
}

/**
 * Makes the API server ask a webhook about the Pods of tasks in a namespace before it creates them. Without an answer,
 * they are not created. When this returns, the webhook is in effect.
 */
export async function startAdmissionWebhook(contract: AdmissionContract): Promise<AsyncDisposable> {
  const { judge, namespace, timeoutSeconds } = contract;
  const authority = await createAuthority();
  const server = createServer(await authority.issue({ names: `IP:${addresses.machine}` }));
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { request } = (await json(incoming)) as AdmissionReview;
    const isProbe = request.object.metadata?.name === probe;
    const admission = isProbe ? refusalOfProbe : await judge(request.object);
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    response.end(JSON.stringify({ ...review, response: { uid: request.uid, ...toResponse(admission) } }));
  };
  server.on('request', (incoming, response) => {
    void answer(incoming, response).catch(() => response.destroy());
  });
  await using resources = new AsyncDisposableStack();
  const { port } = resources.use(await startListening(server, { host: addresses.machine }));
  const name = `${namespace}.webhook.test`;
  const webhook = {
    name,
    clientConfig: {
      url: `https://${addresses.machine}:${port}/`,
      caBundle: Buffer.from(authority.certificate).toString('base64'),
    },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    objectSelector: { matchLabels: managed },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds,
  };
  await callApiServer(configurations, {
    method: 'POST',
    body: { metadata: { name }, webhooks: [webhook] },
  });
  resources.defer(async () => {
    await callApiServer(`${configurations}/${name}`, { method: 'DELETE' });
  });
  await waitFor('the API server to ask the webhook', () => isAsked(namespace));
  const started = resources.move();
  return { [Symbol.asyncDispose]: () => started.disposeAsync() };
}

const refusalOfProbe: Admission = { denial: { code: 418, message: 'it was asked' } };

/** Whether the webhook refuses a Pod of a dry run. */
async function isAsked(namespace: string): Promise<boolean> {
  const body: Pod = {
    metadata: { name: probe, labels: managed },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  };
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const error = await callApiServer(path, { method: 'POST', body }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ApiServerError && error.status === 418;
}

function toResponse(admission: Admission): object {
  if ('denial' in admission) return { allowed: false, status: admission.denial };
  const patch = Buffer.from(JSON.stringify(admission.patch)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
