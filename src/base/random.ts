/** Random texts. */

/** `bytes` random bytes as hex digits in lower case, which no shell, SQL, PHP or configuration file interprets. */
export const randomHex = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
