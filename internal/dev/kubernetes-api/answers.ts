import type { ServerResponse } from 'node:http';

/** The server's answer to a request other than a watch. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A Status: every answer other than a success. */
export function refusal(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with a Status. */
export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  const { body, status } = refusal(code, reason, message);
  sendJson(response, status, body);
}
