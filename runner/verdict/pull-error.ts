/**
 * What container runtimes say when no further try can bring an image: it does not exist, it does not exist for this
 * machine, or the registry will not give it to us. Anything else (a registry that is down, slow or throttles) may pass.
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

/** What would be taken for one of them, but is a name that could not be looked up or an answer that may change. */
const passingErrors = [
  /\bno such host\b/i,
  /\b(i\/o|handshake|deadline) (timeout|exceeded)\b/i,
  /\btoo ?many ?requests\b/i,
  /\bstatus(?: code)?[^:]*: 5\d\d\b/i,
];

/** No kubelet says so much. Searching takes more than twice the time for words of twice the length. */
const longestWords = 4096;

/** Names and addresses, which may hold any word. */
const quoted = /"[^"\s]*"/g;

/**
 * Whether an image will not come however often it is pulled.
 *
 * @param words the kubelet's message of a pull that failed
 */
export function isFinalPullError(words: string): boolean {
  const said = words.slice(0, longestWords).replace(quoted, '""');
  return !passingErrors.some((error) => error.test(said)) && finalErrors.some((error) => error.test(said));
}
