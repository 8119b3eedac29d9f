/**
 * Whether a program was not executed because it is for another machine: execve(2) answers ENOEXEC. Some runtimes say so
 * instead of starting the container, others in the log of a container that has started.
 */
export function isForeignProgram(words: string): boolean {
  return /exec format error/i.test(words);
}

/**
 * Whether a container could not be made or started because a disk of its node is full, or a quota there. Neither the job
 * nor its class can help that.
 */
function isNodeFull(words: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(words);
}

/** Words of the kubelet and of runtimes about a node that is too busy. */
const overloaded = [
  /deadline ?exceeded/i,
  /context canceled/i,
  // An earlier try to make the container still goes on.
  /\bis reserved\b/i,
  // The API server did not give the kubelet a Secret in time.
  /timed out waiting for the condition/i,
  // A pull or a clean-up of images has left a part out.
  /content digest/i,
  // The sandbox of the Pod has ended meanwhile (awslabs/amazon-eks-ami#1651).
  /\/proc\/0\/ns\//,
  /unable to freeze/i,
];

/** Whether a container could not be made or started because its node is too busy. Another try may succeed. */
export function isNodeOverloaded(words: string): boolean {
  return overloaded.some((reason) => reason.test(words));
}

/** Whether a container was not even made because of its node. One that did not start in time may have run. */
export function isNotMadeByNode(words: string): boolean {
  return isNodeFull(words) || (/\bfailed to create\b/i.test(words) && isNodeOverloaded(words));
}

/** Explains why a program could not be executed, if the runtime's words are not clear to everybody. */
export function startAdvice(words: string): string {
  if (isForeignProgram(words))
    return 'The program is for another CPU architecture than the node: use an image for that architecture, or select other nodes.';
  if (isNodeFull(words)) return 'Find out what fills the disk of the node.';
  if (isNodeOverloaded(words)) return 'Look at the load of the node, and at its container runtime.';
  if (/no such file or directory|executable file not found/i.test(words))
    return 'Check that the image has the program, and the loader or interpreter that it names.';
  if (/permission denied/i.test(words))
    return 'Look at the mode of the program, the user of the container, and the mount options of the volume.';
  return 'Look at the image, and at the security context and resources of the class.';
}
