import { type Architecture, hostArchitecture } from '../../packer/architecture.ts';
import { compileFixture } from './compile-fixture.ts';

/**
 * Compiles the fake agent.
 *
 * @returns its path
 * @throws Error with the compiler's own messages
 */
export function buildFakeAgent(architecture: Architecture = hostArchitecture()): Promise<string> {
  return compileFixture('fake-agent', architecture);
}
