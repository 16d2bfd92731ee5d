/** The port that a configuration names: a number, or the text that an input variable gives; undefined for what is none. */
export function attachPort(given: unknown): number | undefined {
  const port = typeof given === "string" && /^[0-9]{1,5}$/.test(given) ? Number(given) : given;
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535 ? port : undefined;
}
