/** How to reach an API server, and as whom. */
export interface Credentials {
  /** Scheme, host and port, with a path if there is one; no slash at the end. */
  readonly server: string;
  /** The namespace of whoever asks, if the credentials name one. */
  readonly namespace: string | undefined;
  readonly tls: {
    /** In PEM; undefined: the usual roots. */
    readonly ca: string | undefined;
    /** A client certificate in PEM, and its key. */
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly insecure: boolean;
  };
  /** The bearer token of now: tokens of service accounts change while a program runs. Undefined: there is none. */
  token(): Promise<string | undefined>;
}

/** There are no credentials, or they cannot be used; one line that names the file or variable. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
