import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { places } from '../../cluster/places.ts';

/** A request in the API server's audit log. */
export interface AuditedRequest {
  readonly auditID: string;
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly userAgent?: string;
  readonly requestURI: string;
  /** Absent for requests without an object, such as /version. */
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Reads the requests whose lines have the text: a unique name of a namespace, an account or an object.
 *
 * @param sinceMs files that were last written before are left out, Unix time
 * @returns each request once, in the order of their answers
 */
export async function readAuditLog(text: string, sinceMs: number): Promise<AuditedRequest[]> {
  const requests = new Map<string, AuditedRequest>();
  for (const file of logFiles(sinceMs)) {
    for (const line of linesWith(text, await readFile(file))) {
      const request: AuditedRequest = JSON.parse(line);
      // A watch has one line for its beginning, and one for its end.
      if (!requests.has(request.auditID)) requests.set(request.auditID, request);
    }
  }
  return [...requests.values()];
}

/** The API server starts a new file when one has become long. The oldest comes first. */
function logFiles(sinceMs: number): string[] {
  const files = readdirSync(places.logs).filter((name) => /^audit.*\.log$/.test(name));
  return files
    .map((name) => ({ path: join(places.logs, name), changedMs: statSync(join(places.logs, name)).mtimeMs }))
    .filter(({ changedMs }) => changedMs >= sinceMs)
    .sort((a, b) => a.changedMs - b.changedMs)
    .map(({ path }) => path);
}

/** Finds the lines with the text. Only these are decoded, because the log of a whole run is long. */
function* linesWith(text: string, log: Buffer): Generator<string> {
  for (let found = log.indexOf(text); found !== -1; ) {
    const end = log.indexOf('\n', found);
    if (end === -1) return;
    yield log.toString('utf8', log.lastIndexOf('\n', found) + 1, end);
    found = log.indexOf(text, end);
  }
}
