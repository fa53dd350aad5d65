/** The command line as commander reads it. Imports nothing heavy: `--help` and a mistyped verb are quick. */

import { Command, CommanderError, Option } from "commander";
import { VERSION } from "../../base/version.ts";
import { helpText, SUMMARY } from "./help.ts";
import { LAB_FOLDER, type Options, usage, type Verb, VERBS } from "./options.ts";

/** A verb with its options, or a text that was asked for (help, version) and ends with 0. */
export type Invocation = { verb: Verb; options: Options } | { text: string };

/**
 * Reads the arguments after the program's name.
 * @throws DrillError `USAGE`, with the nearest verb or option where one is near.
 */
export function readCommandLine(args: readonly string[]): Invocation {
  let invoked: Invocation | undefined;
  let shown = "";
  const program = buildProgram((verb, options) => invoked = { verb, options }, (text) => shown += text);
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageOf(error, args);
    return { text: shown };
  }
  return invoked ?? { text: shown };
}

function buildProgram(invoke: (verb: Verb, options: Options) => void, show: (text: string) => void): Command {
  const program = new Command("dolibarr-drill")
    .description(SUMMARY)
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this page")
    .addHelpCommand(
      new Command("help").argument("[verb]").description("Print the page of a verb.").helpGroup("Verbs:"),
    )
    .usage("VERB [options]")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      helpWidth: 110,
      optionTerm: (option) => option.flags.replace(/<(.*)>/, "$1"), // FOLDER is a word to replace as it is
      subcommandTerm: (command) => command.name(),
    })
    .commandsGroup("Verbs:")
    .configureOutput({
      writeOut: show,
      writeErr: () => {},
      getOutHelpWidth: () => 110,
      getOutHasColors: () => false,
    })
    .addHelpText("after", helpText("all"));

  const verb = (name: Verb, description: string) =>
    program.command(name).description(description).usage("[options]").addHelpText("after", helpText(name));

  const drill = verb(
    "drill",
    "Restore the newest set into the sandbox, check the data, open it in a browser, and report.",
  )
    .option("--from <E>", "the environment whose set is drilled (default: drill.from)")
    .option("--into <E>", "the disposable environment it is restored into (default: drill.into)")
    .option(
      "--report <FOLDER>",
      "where report.html, report.json, junit.xml, summary.md and metrics.prom are written",
      "report",
    )
    .option("--no-notify", "tell nobody how it ended, whatever the configuration says")
    .option("--no-rota", "restore the newest set alone, and no older one before it")
    .option(
      "--control",
      "after a PASS break the sandbox, to see a check fail (default: drill.control, but on the lab)",
    )
    .option("--no-control", "leave the sandbox whole, whatever the configuration says")
    .option("--seed <TEXT>", "look at the same invoices as an earlier drill with this seed")
    .addOption(
      new Option("--level <LEVEL>", "how deep it looks (default: drill.level, else standard)")
        .choices(["fast", "standard", "deep"]),
    );
  common(drill).action((options: Options) => invoke("drill", options));

  const backup = verb("backup", "Take a backup set: the database and the documents as of one moment.")
    .option("--env <E>", "the environment (default: drill.from)")
    .addOption(half("take one half alone; the other one is that of the newest set"))
    .option("--force", "upload both halves, also where nothing changed since the last set")
    .option(
      "--accept <REASON>",
      "the ERP rightly holds so much less than before: the set is a good one, and says why",
    )
    .option("--paranoid", "read every document, also those whose size and times are as before");
  common(backup).action((options: Options) => invoke("backup", options));

  const list = verb("list", "Show the sets that are in the store, newest first.")
    .option("--env <E>", "the environment (default: drill.from)");
  common(list).action((options: Options) => invoke("list", options));

  const verify = verb("verify", "Read every byte of a set back, and say what that proves.")
    .usage("[SET] [options]")
    .argument("[SET]", "latest (when left out), 20260630T155313Z or prod/20260630T155313Z")
    .option("--env <E>", "the environment (default: drill.from)")
    .option("--all", "every set, one after the other; an object that several name is read once");
  common(verify).action((set: string | undefined, options: Options) => invoke("verify", { ...options, set }));

  const prune = verb(
    "prune",
    "Delete the sets that the policy no longer keeps, one at a time and with its reasons.",
  )
    .option("--env <E>", "the environment (default: drill.from)")
    .option("--dry-run", "show what would go and why, and what stands against it; nothing is deleted")
    .option("--accept-missing", "sets that are gone without a prune are well so: go on from what is there");
  common(prune).action((options: Options) => invoke("prune", options));

  const keep = verb("keep", "Hold a set until a day, whatever the policy says, or release it.")
    .usage("SET [options]")
    .argument("<SET>", "latest, 20260630T155313Z or prod/20260630T155313Z")
    .option("--env <E>", "the environment (default: drill.from)")
    .option("--until <DATE>", "the last day of the hold, UTC, as in 2031-12-31")
    .option("--reason <TEXT>", "why, for whoever finds it held")
    .option("--release", "end the hold");
  common(keep).action((set: string, options: Options) => invoke("keep", { ...options, set }));

  const restore = verb(
    "restore",
    "Restore a set, or one half of it, into a disposable environment or a folder.",
  )
    .usage("[SET] [options]")
    .argument("[SET]", "latest, 20260630T155313Z or prod/20260630T155313Z", "latest")
    .option("--from <E>", "the environment that the set is of (default: drill.from)")
    .option("--into <E>", "the disposable environment it is restored into (default: drill.into)")
    .addOption(half("restore this half alone; the other one stays as it is"))
    .option(
      "--to <FOLDER>",
      "write the dump and the documents as files into a new folder, and touch no environment",
    )
    .option("--restore-production <NAME>", "overwrite a protected environment, whose database has this name")
    .option("--without-backup", "with --restore-production: there is nothing left there to back up first");
  common(restoring(restore)).action((set: string, options: Options) =>
    invoke("restore", { ...options, set })
  );

  const live = (name: Verb, what: string) =>
    verb(name, what)
      .option("--from <E>", "the environment that is copied (default: drill.from); it is only read")
      .option("--into <E>", "the disposable environment (default: drill.into)")
      .option("--set <SET>", "copy a set instead of the live environment: latest, 20260630T155313Z");
  const refresh = live("refresh", "Make the sandbox like production is now: its database and its documents.")
    .option("--all", "all documents, not the company's own (mycompany) alone");
  common(restoring(refresh)).action((options: Options) => invoke("refresh", options));

  const database = live("refresh-from-prod", "Make the sandbox's database like production's is now.");
  common(restoring(database)).action((options: Options) => invoke("refresh-from-prod", options));

  const documents = live("sync-documents", "Make the sandbox's documents like production's are now.")
    .option("--all", "all documents, not the company's own (mycompany) alone");
  common(documents).action((options: Options) => invoke("sync-documents", options));

  const sandbox = (name: Verb, what: string) =>
    verb(name, what).option("--env <E>", "the environment (default: drill.into)");
  common(sandbox("checkpoint", "Keep the sandbox's state, database and documents, to go back to."))
    .action((options: Options) => invoke("checkpoint", options));
  common(sandbox("reset", "Put the sandbox back to its checkpoint: only what differs is touched."))
    .action((options: Options) => invoke("reset", options));
  common(sandbox("rearm", "Undo what a crash left: half a restore, a stopped ERP, a drill's account."))
    .action((options: Options) => invoke("rearm", options));
  const ownership = sandbox("fix-ownership", "Give what another role owns to the environment's owner role.")
    .option("--apply", "do it; without this it only says what it would do");
  common(ownership).action((options: Options) => invoke("fix-ownership", options));

  const status = verb("status", "The last backup and the last drill at a glance, and what to do next.")
    .option("--env <E>", "the environment (default: drill.from)");
  common(status).action((options: Options) => invoke("status", options));

  const lab = verb("lab", "The embedded lab: a whole small platform on this machine.").usage(
    "up|down|status [options]",
  )
    .helpCommand(false);
  lab.command("up").description("Build it where there is none, start it, leave it running.");
  lab.command("down").description("Stop it; what was built is kept.");
  lab.command("status").description("Say what runs, and where.");
  for (const command of lab.commands) {
    const action = command.name() as NonNullable<Options["action"]>;
    command.option("--lab <FOLDER>", `the lab's folder (default: ${LAB_FOLDER})`).addHelpText(
      "after",
      helpText("lab"),
    );
    talk(command).action((options: Options) => invoke("lab", { ...options, action }));
  }
  return program;
}

/** The options of every verb that loads a database. */
const restoring = (command: Command): Command =>
  command
    .option("--terminate", "end the sessions of others in the target, instead of waiting until they leave")
    .option(
      "--staged",
      "load in several transactions and with two connections; the target's state is saved before",
    );

const half = (what: string) => new Option("--half <HALF>", what).choices(["db", "docs"]);

/** The options of every verb that works on a configuration. */
function common(command: Command): Command {
  return talk(
    command
      .option(
        "--config <FILE>",
        "the configuration (default: $DOLIBARR_DRILL_CONFIG, else ./dolibarr-drill.yaml)",
      )
      .option("--lab [FOLDER]", `use the embedded lab instead (default folder: ${LAB_FOLDER})`)
      .addOption(new Option("--or-lab", "use the embedded lab where there is no configuration file")),
  );
}

/** The options about what is printed. */
function talk(command: Command): Command {
  return command
    .option("--json", "print one JSON object a line on stdout, the result last")
    .option("--debug", "print the stack of an error")
    .option("--no-color", "print without colours");
}

/** Commander's complaint in our words: "error: unknown option '--jsno'\n(Did you mean --json?)". */
function usageOf(error: CommanderError, args: readonly string[]): Error {
  const verb = VERBS.find((name) => args.includes(name));
  const hint = `See: dolibarr-drill ${verb ? `${verb} ` : ""}--help`;
  if (error.code === "commander.help") {
    return usage(verb === "lab" ? "lab needs up, down or status" : "no verb is given", hint);
  }
  const [what = "", near] = error.message.replace(/^error: /, "").replace(/<(.*?)>/, "$1").replace(/\.$/, "")
    .split("\n");
  const suggested = near?.replace(/^\(Did you mean (.*)\?\)$/, "; did you mean $1?") ?? "";
  const first = args[0] ?? "";
  if (error.code === "commander.unknownOption" && verb && first.startsWith("-") && !suggested) {
    return usage(
      `${first} stands before the verb`,
      `Put options after the verb: dolibarr-drill ${verb} ${first}`,
    );
  }
  return usage(
    what.replace("unknown command", verb === "lab" ? "unknown action" : "unknown verb") + suggested,
    hint,
  );
}
