/** Values of the configuration as they were read: what does not have the expected type, which the schema reports, is left out. */

export const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};

/** The entries of a map that are texts. */
export function texts(value: unknown): Record<string, string | undefined> {
  const entries = Object.entries(record(value)).filter((entry): entry is [string, string] =>
    typeof entry[1] === "string"
  );
  return Object.fromEntries(entries);
}

/** The texts of a list. */
export const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
