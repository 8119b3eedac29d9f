import { Environment } from '../environment.ts';
import type { TakeHandoff } from './handoff.ts';

/** There is no launcher. A removed variable is gone from the process's memory (SetEnvironmentVariable). */
export const takeHandoff: TakeHandoff = (variables, secret) => {
  const environment = Environment.fromObject(variables);
  delete variables[secret];
  return { environment, ignoredSignals: 0n, openFiles: undefined };
};
