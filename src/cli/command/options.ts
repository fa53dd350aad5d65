/**
 * How a verb declares its options, and the options that several verbs share. From a declaration comes both what
 * `--help` prints and the type of what the verb's `run` gets.
 */

import { DrillError } from "../../base/errors.ts";

/** Where the embedded lab lies unless `--lab` names another folder. */
export const LAB_FOLDER = ".lab";

/** How an option is written and described. Its name is its key in the declaration: `dryRun` is `--dry-run`. */
export type OptionForm =
  | { readonly kind: "flag"; readonly text: string }
  /** `takes` is written as commander does: `<FOLDER>` must follow, `[FOLDER]` may. */
  | {
    readonly kind: "value";
    readonly takes: string;
    readonly text: string;
    readonly choices?: readonly string[];
    readonly fallback?: string;
  }
  /** A value that may be given several times. */
  | { readonly kind: "values"; readonly takes: string; readonly text: string }
  /** `--no-NAME`; with `yes` also `--NAME`. */
  | { readonly kind: "no"; readonly text: string; readonly yes?: string }
  /** No option but a word without dashes. */
  | { readonly kind: "argument"; readonly takes: string; readonly text: string; readonly fallback?: string }
  /** Words without dashes, after an action alone where the verb has actions. */
  | { readonly kind: "arguments"; readonly takes: string; readonly text: string }
  /** The first word after the verb: one of these, each with what it does; `fallback` where it is left out. */
  | {
    readonly kind: "action";
    readonly actions: Readonly<Record<string, string>>;
    readonly fallback?: string;
  };

/** A declared option; `Value` is what `run` gets for it. */
type Option<Value> = OptionForm & { readonly type?: [Value] };

/** The options of a verb, in the order in which `--help` lists them. */
export type OptionSet = Readonly<Record<string, Option<unknown>>>;

type ValueOf<One> = One extends Option<infer Value> ? Value : never;
type MayBeMissing<Set> = { [Name in keyof Set]: undefined extends ValueOf<Set[Name]> ? Name : never }[
  keyof Set
];

/** What `run` gets for the options of `Set`: a key each; those that may be missing are optional. */
export type ValuesOf<Set> =
  & { readonly [Name in Exclude<keyof Set, MayBeMissing<Set>>]: ValueOf<Set[Name]> }
  & { readonly [Name in MayBeMissing<Set>]?: ValueOf<Set[Name]> };

/** `--name` */
export const flag = (text: string): Option<boolean | undefined> => ({ kind: "flag", text });

/** `--name VALUE` */
export const value = (placeholder: string, text: string): Option<string | undefined> => ({
  kind: "value",
  takes: `<${placeholder}>`,
  text,
});

/** `--name VALUE`, as often as it is needed, with one value or several each time. */
export const values = (placeholder: string, text: string): Option<readonly string[] | undefined> => ({
  kind: "values",
  takes: `<${placeholder}...>`,
  text,
});

/** `--name VALUE`, or `fallback` where it is not given. */
export const valueOr = (placeholder: string, fallback: string, text: string): Option<string> => ({
  kind: "value",
  takes: `<${placeholder}>`,
  text,
  fallback,
});

/** `--name VALUE` with one of `choices`. */
export const choice = <const Choice extends string>(
  placeholder: string,
  choices: readonly Choice[],
  text: string,
): Option<Choice | undefined> => ({ kind: "value", takes: `<${placeholder}>`, text, choices });

/** `--no-name`: the value is false where it is given, else true. */
export const unless = (text: string): Option<boolean> => ({ kind: "no", text });

/** `--name` and `--no-name`: the value is undefined where neither is given. */
export const yesOrNo = (yes: string, no: string): Option<boolean | undefined> => ({
  kind: "no",
  text: no,
  yes,
});

/** A word without dashes that may be left out. */
export const argument = (placeholder: string, text: string): Option<string | undefined> => ({
  kind: "argument",
  takes: `[${placeholder}]`,
  text,
});

/** A word without dashes, or `fallback` where it is left out. */
export const argumentOr = (placeholder: string, fallback: string, text: string): Option<string> => ({
  kind: "argument",
  takes: `[${placeholder}]`,
  text,
  fallback,
});

/** A word without dashes that must be given. */
export const requiredArgument = (placeholder: string, text: string): Option<string> => ({
  kind: "argument",
  takes: `<${placeholder}>`,
  text,
});

/** Words without dashes, none or several. */
export const words = (placeholder: string, text: string): Option<readonly string[] | undefined> => ({
  kind: "arguments",
  takes: `[${placeholder}...]`,
  text,
});

/** The first word after the verb, one of the keys of `actions`; where there is none, `fallback`. */
export const actionOr = <const Action extends string, const Fallback extends string>(
  actions: Readonly<Record<Action, string>>,
  fallback: Fallback,
): Option<Action | Fallback> => ({ kind: "action", actions, fallback });

/** The first word after the verb, one of the keys of `actions`. */
export const action = <const Action extends string>(
  actions: Readonly<Record<Action, string>>,
): Option<Action> => ({ kind: "action", actions });

/** How a set is named on the command line. */
export const SET_FORMS = "latest, 20260630T155313Z or prod/20260630T155313Z";

/** `--env`: the environment that a verb is about. `key` is the configuration's that names it otherwise. */
export const envOption = (text: string, key: "drill.from" | "drill.into") =>
  value("E", `${text} (default: the value of ${key})`);

/** `--from` and `--into` of the verbs that move data from one environment to another. */
export const fromOption = (text: string) => envOption(text, "drill.from");
export const intoOption = envOption("the disposable environment to restore into", "drill.into");

export const halfOption = (text: string) => choice("HALF", ["db", "docs"], text);

/** The options of every verb that loads a database. */
export const loadingOptions = {
  terminate: flag(
    "end the sessions of others in the target's database, instead of waiting for them to leave",
  ),
  staged: flag("load in several transactions and over two connections; the target's state is saved first"),
};

/** The option of every verb that replaces a sandbox's documents. */
export const replaceForeignOption = flag(
  "once: replace also documents that no restore of this tool put into the target",
);

/** The option of every verb that restores into a sandbox. */
export const unprovedVersionOption = flag(
  "restore also a Dolibarr of a version that this tool was not proved on (see drill.versions)",
);

/** The options of every verb that needs a configuration. */
export const configOptions = {
  config: value(
    "FILE",
    "the configuration file (default: $DOLIBARR_DRILL_CONFIG, else ./dolibarr-drill.yaml)",
  ),
  lab: {
    kind: "value",
    takes: "[FOLDER]",
    text: `use the embedded lab instead of a configuration (default folder: ${LAB_FOLDER})`,
  } as Option<string | true | undefined>,
};

/** The options of every verb, about what it prints. */
export const outputOptions = {
  json: flag("print one JSON object per line on stdout, the result last"),
  debug: flag("print the stack trace of an error"),
  color: unless("print without colours"),
};
export type OutputOptions = Partial<ValuesOf<typeof outputOptions>>;

/** A command line that cannot be understood. `hint` says what to write instead. */
export const usage = (state: string, hint: string): DrillError =>
  new DrillError("USAGE", `Cannot read the command line: ${state}`, hint);
