import { lib } from './c-library.ts';

/** As in internal/launcher/guard/guard.h. */
export const guardSteps = {
  startIsOver: 1,
  releaseSignals: 2,
  trimMemory: 3,
  watchMemory: 4,
  javascriptRuns: 5,
} as const;

let guard: ((step: number) => number) | undefined;

/** Tells the launcher's preloaded library what to do. @returns whether it could. Without our launcher, it cannot */
export function tellGuard(step: keyof typeof guardSteps): boolean {
  guard ??= bindGuard();
  return guard(guardSteps[step]) === 0;
}

function bindGuard(): (step: number) => number {
  try {
    return lib.getFunction('guard_step', { arguments: ['i32'], return: 'i32' });
  } catch {
    return () => -1;
  }
}
