import { type Document, LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { Failure, sharedKinds } from '../../internal/failure.ts';

/** A task Pod configuration cannot be used. The message is one line with the path in it and what was expected. */
export class ResourceClassesError extends Failure {
  override readonly name = 'ResourceClassesError';

  constructor(message: string) {
    super(sharedKinds.usage, message);
  }
}

/** A file with more aliases than this, and those within their anchors, is made to fill the memory. */
const mostAliases = 100_000;

/** `defaultMode: 0644` is octal for kubectl and Helm, which read YAML 1.1. In YAML 1.2 it is 644. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^0[0-7]+$/,
  resolve: (digits) => Number.parseInt(digits, 8),
};

/**
 * Parses a task Pod configuration.
 *
 * @throws ResourceClassesError that names the line and the column
 */
export function parseYaml(yaml: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(yaml, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    customTags: (tags) => [octal, ...tags],
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    // Some messages quote the unexpected text, which may be a part of a token.
    const reason = error.message.replace(/: ".*$/s, '');
    throw new ResourceClassesError(`it is not valid YAML: line ${line}, column ${col}: ${reason}`);
  }
  return contentOf(document) ?? {};
}

/**
 * The content of a document without errors.
 *
 * @throws ResourceClassesError if its anchors and aliases make no sense. The message quotes no alias, because it may be
 * part of a token
 */
export function contentOf(document: Pick<Document, 'toJS'>): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    JSON.stringify(value);
    return value;
  } catch {
    throw new ResourceClassesError(
      'an alias (*) cannot be resolved: it has no anchor (&) before it, is a part of it, or is repeated without end; or << has no object',
    );
  }
}
