/** A message without what HTML gives a meaning to, as it ends up in a web page. */
export function harmlessText(message: string): string {
  return message.replace(/[<>&'"]/g, '');
}
