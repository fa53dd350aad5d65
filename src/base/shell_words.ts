/** Words of a command line that can be pasted. Pure. */

/** `word` as a shell reads it: quoted only where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
