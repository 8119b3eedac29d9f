const dockerHub = 'docker.io';

/** `host:5000/name:tag@digest` without its tag and digest. */
export function withoutTag(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}

/**
 * The repository of an image with its registry, by the rules of Docker's references. The part before the first slash is
 * a registry if it has a dot or a port, or is `localhost`. All other images are on Docker Hub, under `library` if they
 * have no owner.
 */
export function repositoryOf(image: string): string {
  const name = withoutTag(image);
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = first === 'localhost' || /[.:]/.test(first);
  const registry = isHost && first !== 'index.docker.io' ? first : dockerHub;
  const path = isHost ? name.slice(slash + 1) : name;
  return `${registry}/${registry === dockerHub && !path.includes('/') ? `library/${path}` : path}`;
}
