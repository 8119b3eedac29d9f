import { parseAllDocuments } from 'yaml';
import { isObject } from '../../internal/json.ts';
import { contentOf, ResourceClassesError } from './parse-yaml.ts';
import { readResourceClasses } from './read-resource-classes.ts';

/**
 * Reads a file with a task Pod configuration.
 *
 * @param file its name in messages
 * @throws ResourceClassesError
 */
export function readTaskPodFile(text: string, file: string): ReturnType<typeof readResourceClasses> {
  try {
    return readResourceClasses(findConfiguration(text));
  } catch (error) {
    if (!(error instanceof ResourceClassesError)) throw error;
    throw new ResourceClassesError(`The task Pod configuration ${file} cannot be used: ${error.message}`);
  }
}

/** A file may also be the output of `helm template`: the public chart has the configuration in one of its manifests. */
function findConfiguration(text: string): string {
  const documents = parseAllDocuments(text);
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) continue;
    const manifest = contentOf(document);
    if (!isObject(manifest) || manifest.kind !== 'ConfigMap' || !isObject(manifest.data)) continue;
    if (typeof manifest.data.taskpods === 'string') return manifest.data.taskpods;
  }
  return text;
}
