/** Words of a command line that can be pasted. Pure. */

/**
 * `word` as a shell reads it: quoted only where it must be. A line break or another control character is written as POSIX.1-2024
 * has it, `$'a\\nb'`, so that it is still there when the command was printed and pasted. A quote is a number in there: a shell
 * that does not know this form reads another word, and never a further command.
 */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replaceAll("\\", "\\\\").replaceAll(/['\p{Cc}]/gu, (control) => {
    const known = { "\n": "\\n", "\t": "\\t", "\r": "\\r" }[control];
    return known ?? Array.from(new TextEncoder().encode(control), octal).join("");
  });
  return `$'${escaped}'`;
}

/** Three digits, so that no digit after it belongs to it. */
const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, "0")}`;
