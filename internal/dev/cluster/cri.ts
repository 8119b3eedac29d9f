import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';

/** An answer without a status by then is none, ms. */
const limitMs = 5000;
/** A gRPC message without fields: not compressed, 0 bytes long (grpc/grpc, "gRPC over HTTP2", `Length-Prefixed-Message`). */
const emptyMessage = Buffer.alloc(5);

/**
 * Whether a container runtime answers at its socket: the call with which kubelets begin, which end if it fails
 * (kubernetes/cri-api, `RuntimeService.Version`). containerd accepts connections before it knows its containers, and
 * refuses this call until then.
 */
export function runtimeAnswers(socket: string): Promise<boolean> {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
  return new Promise<boolean>((resolve) => {
    session.once('error', () => resolve(false));
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/runtime.v1.RuntimeService/Version',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    call.setTimeout(limitMs, () => resolve(false));
    call.once('error', () => resolve(false));
    // An answer without a message has its status in the headers.
    call.once('response', (headers) => 'grpc-status' in headers && resolve(headers['grpc-status'] === '0'));
    call.once('trailers', (trailers) => resolve(trailers['grpc-status'] === '0'));
    call.once('close', () => resolve(false));
    call.resume();
    call.end(emptyMessage);
  }).finally(() => session.destroy());
}
