/** Characters of a message that people read; what it quotes may have any length. */
const MOST = 2000;

/** A message with its middle left out where it is too long: it begins with what is wrong and ends with what to do. */
export function clipped(message: string): string {
  const left = message.length - MOST;
  if (left <= 0) return message;
  return `${message.slice(0, MOST / 2)} [${left} characters left out] ${message.slice(-MOST / 2)}`;
}
