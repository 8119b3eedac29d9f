import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { addresses } from '../../cluster/addresses.ts';
import { ApiServerError, callApiServer } from '../../cluster/api-server.ts';
import { startListening } from '../start-listening.ts';
import { createAuthority } from '../tls-fixtures.ts';
import { waitFor } from '../wait-for.ts';

/** What the webhook says of a Pod: how it is to be changed (RFC 6902), or why it may not be. */
export type Admission =
  | { readonly patch: readonly object[] }
  | { readonly denial: { readonly code: number; readonly message: string } };

/** Which Pods it is asked about, and what it says. */
export interface AdmissionContract {
  readonly namespace: string;
  /** How long the API server waits for it, s. */
  readonly timeoutSeconds: number;
  readonly judge: (pod: Pod) => Admission | Promise<Admission>;
}

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const managed = { 'app.kubernetes.io/managed-by': 'circleci-container-agent' };
/** Of the Pod that shows whether the API server asks already. */
const probe = 'probe';

interface AdmissionReview {
  readonly request: { readonly uid: string; readonly object: Pod };
}

/**
 * Has the API server ask about the Pods of tasks in a namespace before they are created, and does not create them
 * without an answer. It asks when this returns.
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

/** Whether a Pod that would not be stored in any case is refused by the webhook. */
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
