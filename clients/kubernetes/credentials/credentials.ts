import { Failure, sharedKinds } from '../../../internal/failure.ts';

/** The address of an API server, and what authenticates the client. */
export interface Credentials {
  /** Scheme, host and port, with a path if there is one; no slash at the end. */
  readonly server: string;
  /** The client's namespace, if the credentials name one. */
  readonly namespace: string | undefined;
  readonly tls: {
    /** The currently trusted authorities, in PEM; undefined: the usual roots. A cluster may replace its authority. */
    ca(): Promise<string | undefined>;
    /** A client certificate in PEM, and its key. */
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly insecure: boolean;
  };
  /** The current bearer token, if there is one. Tokens of service accounts change while a program runs. */
  token(): Promise<string | undefined>;
}

/** Credentials are missing, or cannot be used. The message is one line that names the file or variable. */
export class CredentialsError extends Failure {
  override readonly name = 'CredentialsError';

  constructor(message: string, details?: { readonly cause: unknown }) {
    super(sharedKinds.usage, message, details);
  }
}
