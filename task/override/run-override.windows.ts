import { Failure, sharedKinds } from '../../internal/failure.ts';
import type { RunOverride } from './run-override.ts';

/** On Windows, a process cannot become another program. */
export const runOverride: RunOverride = async () => {
  throw new Failure(
    sharedKinds.usage,
    'The command override is not available on Windows, where a process cannot become another program: start run-task, with the custom entrypoint as "cmd" of its configuration.',
  );
};
