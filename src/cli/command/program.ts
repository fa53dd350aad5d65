/** The command line as commander reads it. */

import { Command, CommanderError, Option as CommanderOption } from "commander";
import { nearest } from "../../base/nearest.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { shellWord } from "../../base/shell_words.ts";
import { isTimestamp } from "../../base/time.ts";
import { VERSION } from "../../base/version.ts";
import { HELP_WIDTH, helpBelow, OVERALL, SUMMARY } from "./help.ts";
import { configOptions, type OptionForm, outputOptions, usage } from "./options.ts";
import type { Verb } from "./verb.ts";

/** The verbs by their names, in the order of the help. Each is loaded when it is needed. */
export type VerbTable = Readonly<Record<string, () => Promise<Verb>>>;

/** What was given on the command line, a key each as the verb declares them. */
type GivenOptions = Readonly<Record<string, unknown>>;

/** A verb with its options, or a text that was asked for (help, version) and ends with 0. */
export type Invocation = { verb: Verb; options: GivenOptions } | { text: string };

/**
 * Reads the arguments after the program's name. Of `verbs` the one that is typed is loaded, and all for the overall help.
 * @throws DrillError `USAGE`, with the nearest verb or option where one is near.
 */
export async function readCommandLine(args: readonly string[], verbs: VerbTable): Promise<Invocation> {
  refuseUnknownPage(args, verbs);
  const typed = args.find((argument) => Object.hasOwn(verbs, argument));
  const loaded = new Map<string, Verb>();
  const asksForHelp = args[0] === "help" || args.includes("--help") || args.includes("-h");
  const wanted = typed !== undefined ? [typed] : asksForHelp ? Object.keys(verbs) : [];
  await Promise.all(wanted.map(async (name) => loaded.set(name, await verbs[name]!())));

  let invoked: { verb: Verb; options: GivenOptions } | undefined;
  let shown = "";
  const program = newProgram((text) => shown += text);
  for (const name of Object.keys(verbs)) {
    const command = program.command(name);
    const verb = loaded.get(name);
    if (!verb) continue;
    if (typed === undefined) command.description(verb.summary); // the overall page has no more of it
    else declare(command, verb, (options) => invoked = { verb, options });
  }
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageOf(error, args, loaded.get(typed ?? ""), Object.keys(verbs));
    return { text: shown };
  }
  if (!invoked) return { text: shown };
  refuseContradictions(invoked.verb, invoked.options);
  return invoked;
}

const newProgram = (show: (text: string) => void): Command =>
  new Command("dolibarr-drill")
    .description(SUMMARY)
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this page")
    .addHelpCommand(
      new Command("help").argument("[verb]").description("Print the page of a verb.").helpGroup("Verbs:"),
    )
    .usage("VERB [options]")
    .exitOverride()
    .showSuggestionAfterError(false) // its nearest name may be far: `delete` is no `reset`
    .configureHelp({
      helpWidth: HELP_WIDTH,
      optionTerm: (option) => option.flags.replace(/<(.*)>/, "$1"), // FOLDER is a word to replace as it is
      subcommandTerm: (command) => command.name(),
    })
    .commandsGroup("Verbs:")
    .configureOutput({
      writeOut: show,
      writeErr: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
    })
    .addHelpText("after", helpBelow(OVERALL));

/** `help drlil`: commander takes it for `help`, and that no verb is given. */
function refuseUnknownPage([first, page, ...more]: readonly string[], verbs: VerbTable): void {
  if (first !== "help" || page === undefined || page.startsWith("-") || page === "help") return;
  if (!Object.hasOwn(verbs, page)) {
    throw usage(`unknown verb '${page}'${meant(page, Object.keys(verbs))}`, `See: ${PROGRAM} help`);
  }
  if (more.length > 0) throw usage("help takes one verb", `See: ${PROGRAM} help ${page}`);
}

/** Gives `command` what `verb` declares. A verb with actions gets a command of each, with the options. */
function declare(command: Command, verb: Verb, invoke: (options: GivenOptions) => void): void {
  const forms = Object.entries(verb.options);
  const words = forms.map(([, form]) => usageWord(form)).filter((word) => word !== "");
  command.description(verb.summary).usage([...words, "[options]"].join(" "))
    .addHelpText("after", helpBelow(verb.help));
  const act = (to: Command, given: GivenOptions, takesWords = true) => {
    const refuse = refusing(verb);
    const own = forms.filter(([, { kind }]) => takesWords || kind !== "arguments");
    for (const [name, form] of own) addOption(to.optionsGroup(groupOf(name, form)), name, form, refuse);
    to.action((...values: unknown[]) => {
      const names = own.filter(([, { kind }]) => kind.startsWith("argument")).map(([name]) => name);
      const positional = names.map((name, at) => [name, values[at]] as const);
      invoke({
        ...to.optsWithGlobals(), // where a verb goes without an action its options are read before the action
        ...Object.fromEntries(
          positional.filter(([, word]) => Array.isArray(word) ? word.length > 0 : word !== undefined),
        ),
        ...given,
      });
    });
  };
  const [name, actions, fallback] = actionsOf(verb) ?? [];
  if (!name) return act(command, {});
  command.helpCommand(false);
  if (fallback !== undefined) act(command, { [name]: fallback }, false);
  for (const [action, text] of Object.entries(actions ?? {})) {
    act(
      command.command(action).description(text).addHelpText("after", helpBelow(verb.help)),
      { [name]: action },
    );
  }
}

const actionsOf = (verb: Verb) =>
  Object.entries(verb.options).flatMap(([name, form]) =>
    form.kind === "action" ? [[name, form.actions, form.fallback] as const] : []
  )[0];

const usageWord = (form: OptionForm): string =>
  form.kind === "argument" || form.kind === "arguments"
    ? form.takes.replace(/<(.*)>/, "$1")
    : form.kind === "action"
    ? (form.fallback === undefined ? "A" : "[A]").replace("A", Object.keys(form.actions).join("|"))
    : "";

/**
 * Refuses a value that is an option of the verb, for `--env --lab` names no environment; and a second value of an option
 * that takes one, for the first would be forgotten.
 */
function refusing(verb: Verb) {
  const options = new Set(Object.keys(verb.options).map((name) => `--${dashed(name)}`));
  const given = new Map<string, string>();
  return (name: string, takes: string, value: string): string => {
    const written = `--${dashed(name)}`;
    if (options.has(value)) {
      throw usage(
        `${written} needs a value, and ${value} is an option`,
        `Write ${written} ${placeIn(takes)} ${value}`,
      );
    }
    const before = given.get(name);
    given.set(name, value);
    if (before === undefined) return value;
    throw usage(
      `${written} is given twice, with ${shellWord(before)} and ${shellWord(value)}`,
      "It takes one value: leave one of them out.",
    );
  };
}

function addOption(
  command: Command,
  name: string,
  form: OptionForm,
  refuse: ReturnType<typeof refusing>,
): void {
  switch (form.kind) {
    case "flag":
      command.option(`--${dashed(name)}`, form.text);
      break;
    case "value": {
      const option = new CommanderOption(`--${dashed(name)} ${form.takes}`, form.text);
      if (form.choices) option.choices(form.choices);
      const parse = option.parseArg;
      option.argParser((value, before) => {
        const one = refuse(name, form.takes, value);
        return parse ? parse(one, before) : one;
      });
      command.addOption(option.default(form.fallback));
      break;
    }
    case "values":
      command.option(`--${dashed(name)} ${form.takes}`, form.text);
      break;
    case "no":
      if (form.yes !== undefined) command.option(`--${dashed(name)}`, form.yes);
      command.option(`--no-${dashed(name)}`, form.text);
      break;
    case "arguments":
      command.argument(form.takes, form.text);
      break;
    case "argument":
      command.argument(form.takes, form.text, form.fallback);
  }
}

/** The options of nearly every verb are listed after its own. */
const groupOf = (name: string, form: OptionForm): string =>
  Object.entries({ ...configOptions, ...outputOptions }).some((one) => one[0] === name && one[1] === form)
    ? "Common options:"
    : "Options:";

/** `SET` of `[SET]`. */
const placeIn = (takes: string): string => takes.replace(/[<[](.*)[>\]]/, "$1");

/** `dryRun` as it is written: `dry-run`. */
const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * Refuses options that say two things at once, or nothing.
 * @throws DrillError `USAGE`.
 */
function refuseContradictions(verb: Verb, options: GivenOptions): void {
  const { config, lab } = options;
  if (config !== undefined && lab !== undefined) {
    throw usage("--config names a configuration and --lab asks for the embedded lab", "Give one of the two.");
  }
  if (typeof lab === "string" && (lab === "latest" || isTimestamp(lab.slice(lab.lastIndexOf("/") + 1)))) {
    const takesSet = verb.options.set?.kind === "argument";
    throw usage(
      `--lab takes a folder, and ${lab} is a set`,
      takesSet
        ? `Put the set first: ${verb.name} ${shellWord(lab)} --lab`
        : `Leave the set out: ${verb.name} --lab`,
    );
  }
  for (const [name, form] of Object.entries(verb.options)) {
    if (options[name] !== "") continue;
    const written = form.kind === "argument" ? placeIn(form.takes) : `--${dashed(name)}`;
    const isNeeded = form.kind === "argument" && form.takes.startsWith("<");
    throw usage(
      `${written} is empty`,
      isNeeded
        ? `See: ${PROGRAM} ${verb.name} --help`
        : name === "reason"
        ? `Say why in a few words: ${written} ${shellWord("the old events were purged")}`
        : `Give a value, or leave ${written} out.`,
    );
  }
}

/** Commander's complaint in our words: "error: unknown option '--jsno'\n(Did you mean --json?)". */
function usageOf(
  error: CommanderError,
  args: readonly string[],
  verb: Verb | undefined,
  verbs: readonly string[],
): Error {
  const actions = Object.keys(verb && actionsOf(verb)?.[1] || {});
  const hint = `See: ${PROGRAM} ${verb ? `${verb.name} --help` : "help"}`;
  if (error.code === "commander.help") {
    return usage(
      verb && actions.length > 0 ? `${verb.name} needs ${orList(actions)}` : "no verb is given",
      hint,
    );
  }
  if (error.code === "commander.excessArguments" && actions.length > 0) {
    const given = args[args.indexOf(verb!.name) + 1] ?? "";
    return usage(`unknown action '${given}'; use ${orList(actions)}`, hint);
  }
  const what = error.message.replace(/^error: /, "").replace(/<(.*?)>/, "$1").replace(/\.$/, "");
  const [, word = ""] = /^unknown \w+ '(.*)'$/.exec(what) ?? [];
  const options = Object.entries(verb?.options ?? {}).flatMap(([name, { kind }]) =>
    kind.startsWith("argument") || kind === "action" ? [] : [`--${kind === "no" ? "no-" : ""}${dashed(name)}`]
  );
  const suggested = meant(
    word,
    word.startsWith("-") ? [...options, "--help"] : actions.length > 0 ? actions : verbs,
  );
  const first = args[0] ?? "";
  const isEarly = verb && first === word && (options.includes(first) || suggested === "");
  if (error.code === "commander.unknownOption" && isEarly) {
    return usage(
      `${first} comes before the verb`,
      `Put options after the verb: ${PROGRAM} ${verb.name} ${shellWord(first)}`,
    );
  }
  return usage(
    what.replace("unknown command", actions.length > 0 ? "unknown action" : "unknown verb") + suggested,
    hint,
  );
}

/** The end of a message about an unknown word: the name that is near, if one is. */
function meant(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

/** `up, down or status` */
const orList = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
