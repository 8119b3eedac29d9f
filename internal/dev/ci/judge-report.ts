import { matchesGlob } from 'node:path';
import { clusterTestFiles } from '../testing/cluster/project.ts';
import { containerTestFiles } from '../testing/containers/project.ts';

/** The tests that a run silently leaves out if it lacks their requirements, but that a whole run must have. */
const required = [
  { kind: 'container', files: containerTestFiles },
  { kind: 'cluster', files: clusterTestFiles },
] as const;

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string;
    readonly status: string;
    /** Why the whole file has failed. */
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Verdict {
  /** `N passed, N failed`; a second line if tests were left out. */
  readonly counts: readonly string[];
  /** The failures, and problems that would otherwise go unnoticed. Empty: the run is good. */
  readonly problems: readonly string[];
}

/**
 * Judges a run of all tests, including those in containers and on a cluster. A file that failed as a whole counts as
 * one failure, for example if it could not be loaded.
 */
export function judgeReport({ testResults }: VitestReport): Verdict {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status }) => ({ name, status })),
  );
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const failed = failedTests + broken.length;
  const leftOut = tests.length - passed - failedTests;
  return {
    counts: [`${passed} passed, ${failed} failed`, ...(leftOut > 0 ? [`${leftOut} left out`] : [])],
    problems: [
      ...broken.map(({ name, message }) => `${name} has failed as a whole: ${message}`),
      ...(passed === 0 ? ['no test has passed'] : []),
      ...(failed > 0 ? [`tests have failed: ${failed}`] : []),
      ...required.flatMap(({ kind, files }) => {
        const statuses = tests
          .filter(({ name }) => matchesGlob(name, `**/${files}`))
          .map(({ status }) => status);
        if (statuses.length === 0) return [`there was no test in ${files}`];
        return statuses.every((status) => status === 'passed')
          ? []
          : [`not every ${kind} test has run and passed`];
      }),
    ],
  };
}
