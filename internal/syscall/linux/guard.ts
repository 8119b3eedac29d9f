import { lib } from './c-library.ts';

/** As in internal/launcher/guard/guard.h. */
export const guardSteps = { startIsOver: 1, releaseSignals: 2, trimMemory: 3 } as const;

let guard: ((step: number) => void) | undefined;

/** Tells the launcher's preloaded library what to do. Without our launcher, this does nothing. */
export function tellGuard(step: keyof typeof guardSteps): void {
  guard ??= bindGuard();
  guard(guardSteps[step]);
}

function bindGuard(): (step: number) => void {
  try {
    return lib.getFunction('guard_step', { arguments: ['i32'], return: 'void' });
  } catch {
    return () => {};
  }
}
