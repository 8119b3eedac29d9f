import { Command } from 'commander';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { withFlagsForWords } from '../../internal/flags-for-words.ts';
import { parseQuietly } from '../../internal/parse-quietly.ts';

/** The meaning of the command line. All other settings are variables. */
export type Invocation =
  | { readonly command: 'run' }
  | { readonly command: 'collect-logs' }
  | {
      readonly command: 'check';
      /** `-` is stdin. */
      readonly file: string;
      /** The images of the example job; the first is the primary container's. */
      readonly images: readonly string[];
      readonly resourceClass: string | undefined;
    }
  | { readonly command: 'print'; readonly text: string };

const exampleImage = 'cimg/base:current';

/**
 * Parses the arguments after the program's name.
 *
 * @throws Failure 'usage' with one line
 */
export function parseCommandLine(argv: readonly string[], versionText: string): Invocation {
  let invocation: Invocation | undefined;
  const program = createProgram(versionText, (parsed) => {
    invocation = parsed;
  });
  try {
    const text = parseQuietly(program, withFlagsForWords(argv));
    return invocation ?? { command: 'print', text };
  } catch (error) {
    throw error instanceof Failure
      ? new Failure(sharedKinds.usage, `${error.message} See container-agent --help.`)
      : error;
  }
}

function createProgram(versionText: string, onParsed: (invocation: Invocation) => void): Command {
  const program = new Command('container-agent')
    .description(
      'Claims CircleCI tasks and runs each in a Kubernetes Pod. Without a command, it runs the controller, which environment variables configure: see docs/container-runner/configuration.md.',
    )
    .version(versionText, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpCommand(false)
    .allowExcessArguments(false)
    .action(() => onParsed({ command: 'run' }));
  program
    .command('collect-logs')
    .description('send the output of the service containers of a task to the runner API, within its Pod')
    .allowExcessArguments(false)
    .action(() => onParsed({ command: 'collect-logs' }));
  program
    .command('check')
    .description('read a task Pod configuration and print the Pod that an example job gets in each class')
    .argument('<config>', 'the file, or what helm template prints; - is stdin')
    .option(
      '--image <image>',
      'the image of the job',
      (image: string) => notEmpty('--image', image),
      exampleImage,
    )
    .option(
      '--service <image>',
      'the image of a service; may be given more than once',
      (image: string, others: readonly string[] = []) => [...others, notEmpty('--service', image)],
    )
    .option('--class <name>', 'only this resource class', (name: string) => notEmpty('--class', name))
    .allowExcessArguments(false)
    .action((file: string, { class: resourceClass, image, service = [] }: CheckFlags) =>
      onParsed({ command: 'check', file, images: [image, ...service], resourceClass }),
    );
  return program;
}

interface CheckFlags {
  readonly image: string;
  readonly service?: readonly string[];
  readonly class?: string;
}

function notEmpty(flag: string, value: string): string {
  if (value.trim() === '') throw new Failure(sharedKinds.usage, `The value of ${flag} is empty.`);
  return value;
}
