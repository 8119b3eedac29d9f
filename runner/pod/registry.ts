/** Docker's own registry has this name in its configuration for reasons of history, and kubelets know it by that. */
const dockerHub = 'https://index.docker.io/v1/';

/**
 * The registry of an image by the rule of Docker's references: the part before the first slash, if it looks like a
 * host, that is if it has a dot or a port, or is `localhost`.
 */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const host = image.slice(0, Math.max(slash, 0));
  const isHost = host === 'localhost' || /[.:]/.test(host);
  return isHost && !/^(index\.)?docker\.io$/.test(host) ? host : dockerHub;
}
