/** The nearest of some names, for a word that is none of them. */

/**
 * The name that was probably meant, or undefined when none is near: at most a third of the letters differ.
 * @example nearest("sandobx", ["prod", "sandbox"]) // "sandbox"
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: { name: string; steps: number } | undefined;
  for (const name of names) {
    const [one, other] = [plain(word), plain(name)];
    const longest = Math.max(one.length, other.length);
    const steps = distance(one, other);
    if (steps <= longest / 3 && longest > 0 && steps < (best?.steps ?? Infinity)) best = { name, steps };
  }
  return best?.name;
}

/** The end of a message about an unknown `word`: the name that was probably meant, else all names. */
export function suggestion(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near) return `did you mean "${near}"?`;
  return names.length > 0 ? `use one of ${names.join(", ")}` : "there is none";
}

/** accessKey, access-key and access_key are the same mistake. */
const plain = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, "");

/** How many letters must be put in, left out, changed or swapped with the next (Damerau, restricted). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min(at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(rows, i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps = Math.min(steps, at(rows, i - 2, j - 2) + 1);
      }
      row.push(steps);
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

const at = (rows: number[][], i: number, j: number): number => rows[i]?.[j] ?? 0;
