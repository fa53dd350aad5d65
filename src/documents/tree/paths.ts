/** Paths of a documents tree in messages. */

/** A path for a message: one that could pass for another, or break the line, is quoted. */
export const shown = (path: string): string =>
  /^[\x20-\x7e\u00a1-\ud7ff\ue000-\ufffc]*$/u.test(path)
    ? path
    : JSON.stringify(path).replaceAll(/[\x7f-\xa0]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
