/** What is wrong with one thing of the ERP: what the checks of the books make findings of. */

/** How many faults of one kind are listed; of more only their number is told. A person reads no more, and a record has to hold them. */
export const FAULTS_AT_MOST = 10_000;

export interface Fault {
  /** What it is about, the same every night: a reference, a path, a row. It names one thing. */
  subject: string;
  /** What stands for the subject in the id, where another may bear the same name: `llx_facture:42`. */
  key?: string;
  /** What is wrong, in a word or two, the same every night: `missing`, `total-with-tax`. */
  kind: string;
  /** The same as one sentence without its full stop, which names the subject first. */
  sentence: string;
  /** What makes it this fault: amounts, hashes. Where one of them changes it is another fault. Never the time of day. */
  facts?: Readonly<Record<string, string | number>>;
  /** The document that is lost or changed, and the SHA-256 of what lies there now; none: nothing does. */
  document?: { path: string; sha256?: string };
}
