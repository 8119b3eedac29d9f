import { createSecureContext, type SecureContext } from 'node:tls';

/** OpenSSL's own choice. The first is X25519MLKEM768, with a key of more than a kilobyte. */
const allGroups = 'auto';
/** The groups with short keys, so that the first message of a connection fits into one packet. */
const smallGroups = 'X25519:P-256:P-384:P-521';

/**
 * The settings of TLS connections. If a handshake fails, the next one uses the other groups for the key exchange: some
 * firewalls and proxies reset or drop connections whose first message comes in two packets. Once one has succeeded, its
 * groups are kept: later failures have other causes.
 */
export class TlsContexts {
  readonly #ca: string[];
  readonly #contexts = new Map<string, SecureContext>();
  #groups = allGroups;
  #isSettled = false;

  /** @param ca the only trusted certificates, each in PEM */
  constructor(ca: readonly string[]) {
    this.#ca = [...ca];
  }

  /** The settings of the next connection, and functions to be called when its handshake succeeds or fails. */
  next(): {
    readonly secureContext: SecureContext;
    readonly onSuccess: () => void;
    readonly onFailure: () => void;
  } {
    const groups = this.#groups;
    const secureContext =
      this.#contexts.get(groups) ??
      createSecureContext({ ca: this.#ca, minVersion: 'TLSv1.2', ecdhCurve: groups });
    this.#contexts.set(groups, secureContext);
    const onSuccess = () => {
      this.#groups = groups;
      this.#isSettled = true;
    };
    const onFailure = () => {
      if (!this.#isSettled) this.#groups = groups === allGroups ? smallGroups : allGroups;
    };
    return { secureContext, onSuccess, onFailure };
  }
}
