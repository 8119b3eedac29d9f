/**
 * The words of container runtimes if another pull of an image cannot succeed: the image does not exist, does not exist
 * for this machine, or the registry refuses it. Other errors (a registry that is down, slow or throttles) may pass.
 */
const finalErrors = [
  /\bnot found\b/i,
  /\bmanifest unknown\b/i,
  /\bname unknown\b/i,
  /\brepository does not exist\b/i,
  /\bdenied\b/i,
  /\bunauthorized\b/i,
  /\bforbidden\b/i,
  /\bauthorization failed\b/i,
  /\bauthentication required\b/i,
  /\bno basic auth credentials\b/i,
  /\binsufficient_scope\b/i,
  /\bno match(ing manifest)? for (the )?(platform|linux|windows)\b/i,
  /\bno matching manifest\b/i,
  /\bno image found in (manifest list|image index)\b/i,
  /\binvalid reference format\b/i,
  /\bdid not resolve to an alias\b/i,
  /\bsignature validation failed\b/i,
];

/**
 * Words that look final but may pass: a name could not be looked up, the answer may change, or something else was not
 * found than the image: a part of it on the node, or an image in a web page, such as that of a proxy.
 */
const passingErrors = [
  /\bno such host\b/i,
  /\b(i\/o|handshake|deadline) (timeout|exceeded)\b/i,
  /\btoo ?many ?requests\b/i,
  /\bunexpected media type text\b/i,
  /\bcontent digest\b/i,
  /\bsnapshot \S+ does not exist\b/i,
  /\bstatus(?: code)?[^:]*: 5\d\d\b/i,
];

/** No kubelet's message is longer. Searching twice the length takes more than twice the time. */
const longestWords = 4096;

/** Names and addresses, which may hold any word. */
const quoted = /"[^"\s]*"/g;

/**
 * Whether an image cannot be pulled, however often it is tried.
 *
 * @param words the kubelet's message about a failed pull
 */
export function isFinalPullError(words: string): boolean {
  const said = words.slice(0, longestWords).replace(quoted, '""');
  return !passingErrors.some((error) => error.test(said)) && finalErrors.some((error) => error.test(said));
}
