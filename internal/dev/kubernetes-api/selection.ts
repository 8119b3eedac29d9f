import type { StoredObject } from './object-store.ts';

/** Whether a query's `labelSelector` and `fieldSelector` select an object. Each part of them is `name=value`. */
export function isSelected(object: StoredObject, query: URLSearchParams): boolean {
  return (
    partsOf(query.get('labelSelector')).every(([name, value]) => object.metadata.labels?.[name] === value) &&
    partsOf(query.get('fieldSelector')).every(([name, value]) => fieldOf(object, name) === value)
  );
}

function partsOf(selector: string | null): [name: string, value: string][] {
  return (selector ?? '').split(',').flatMap((part) => {
    const [name = '', value = ''] = part.split('=');
    return name === '' ? [] : [[name, value]];
  });
}

function fieldOf(object: StoredObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}
