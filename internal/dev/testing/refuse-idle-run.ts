import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Makes a run fail if no title matches `-t`. Otherwise vitest counts it as a success. */
export function refuseIdleRun(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(started) {
      vitest = started;
    },
    onTestRunEnd(modules) {
      const pattern = vitest?.config.testNamePattern;
      if (pattern === undefined || modules.some(hasRun)) return;
      vitest?.logger.error(`No test has a title that matches ${pattern}.`);
      process.exitCode = 1;
    },
  };
}

function hasRun(module: TestModule): boolean {
  return [...module.children.allTests()].some((test) => test.result().state !== 'skipped');
}
