/** `fix-ownership`: objects of the ERP that are not its owner role's, given to it as far as our login may. */

import { DrillError } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { type Environment, environmentOf } from "../config/config.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { Session } from "../postgres/connection/session.ts";
import { giveSql, sentenceOf } from "../postgres/rights/owners.ts";
import type { OwnershipPlan } from "../restore/gate/ownership.ts";
import { type Context, withContext } from "./command/context.ts";
import { dryRunOption, NOTHING_CHANGED } from "./command/dry_run.ts";
import { configOptions, envOption, flag } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const fixOwnershipVerb = verb({
  name: "fix-ownership",
  summary: "Give all objects of an ERP's database to its owner role.",
  options: {
    env: envOption("the environment to check", "drill.into"),
    apply: flag("change the owners; without it they are only listed"),
    dryRun: dryRunOption,
    ...configOptions,
  },
  help: {
    about: `
Statements that our own login may not execute are printed on stdout, ready to paste, for the role that provisions the
database. Exit status 1 while an object belongs to another role. A protected environment is never changed.`,
    examples: [
      [
        `${PROGRAM} fix-ownership --env sandbox`,
        "list what can be changed, and what only the provisioner can change",
      ],
      [`${PROGRAM} fix-ownership --env sandbox --apply`, "change it"],
    ],
  },
  run: (options, shell) =>
    withContext(
      options,
      shell,
      (config) => ({ databases: [environmentOf(config, options.env ?? config.drill.into).name] }),
      async (context) => {
        const [{ connect }, { planOwnership }] = await Promise.all([
          import("../postgres/connection/session.ts"),
          import("../restore/gate/ownership.ts"),
        ]);
        const { config } = context;
        const environment = environmentOf(config, options.env ?? config.drill.into);
        if (options.apply && !environment.disposable) throw isProtected(environment);
        const target = await context.openEnvironment(environment);
        await using session = await connect(target.database);
        const plan = await planOwnership(session, target.database.owner);
        if (options.dryRun) context.say(NOTHING_CHANGED);
        if (!options.apply || options.dryRun) return await show(plan, target, context);
        const left = await apply(session, plan, target, context);
        return await show(left, target, context, plan.mend.length);
      },
    ),
});

const isProtected = ({ name }: Environment) =>
  new DrillError(
    "TARGET_REFUSED",
    `Cannot change the owners of objects in ${name}: it is a protected environment`,
    `Nothing was changed. To print the statements for the provisioner: ${PROGRAM} fix-ownership --env ${name}`,
  );

/** With the lease, so that no restore runs meanwhile; past the gate, because it may be production under another name. */
async function apply(
  session: Session,
  plan: OwnershipPlan,
  target: OpenEnvironment,
  context: Context,
): Promise<OwnershipPlan> {
  const [{ passGate }, { mendOwnership }] = await Promise.all([
    import("../restore/gate/gate.ts"),
    import("../restore/gate/ownership.ts"),
  ]);
  const store = await context.openStore();
  await using _lease = await context.takeLease(store, target.name);
  const protectedOnes = context.protectedOnes({ from: context.config.drill.from, into: target.name });
  await passGate(session, target, { protectedOnes, store });
  return await mendOwnership(session, plan);
}

/** Statements go to stdout and all else to stderr: what is printed can be pasted. */
async function show(plan: OwnershipPlan, target: OpenEnvironment, context: Context, mended = 0) {
  const { provisionerSql } = await import("../restore/gate/ownership.ts");
  const { disposable, name, database } = target;
  const { mend, rest, owner, checked } = plan;
  for (const object of [...mend, ...rest]) {
    const by = object.hindrance === null && disposable ? "us" : "provisioner";
    context.event({ event: "ownership", environment: name, ...object, by, sql: giveSql(object, owner) });
    const who = object.hindrance === null
      ? "our login may change it"
      : `for the provisioner: ${object.hindrance}`;
    context.say(`${sentenceOf(object)} (${who})`);
  }
  if (mended > 0) context.say(`${formatCount(mended, "object")} given to ${owner}, and checked`);
  for (const line of provisionerSql(plan, { database: database.name, whole: !disposable })) context.out(line);
  const left = mend.length + rest.length;
  const counts = { environment: name, checked, mended, left };
  if (left === 0) {
    context.say(`${formatCount(checked, "object")} of ${name} checked: all belong to ${owner}`);
    return context.finish({ verdict: "pass", ...counts });
  }
  const message = `${left} of ${formatCount(checked, "object")} of ${name} do not belong to ${owner}`;
  const hint = hintOf(plan, target);
  context.say(message);
  context.say(hint);
  return context.finish({ verdict: "fail", code: "OWNERSHIP_DIFFERS", message, hint, ...counts });
}

function hintOf({ mend, rest }: OwnershipPlan, { name, disposable }: OpenEnvironment): string {
  if (!disposable) return `${name} is protected: give the statements on stdout to the provisioner.`;
  const ours = mend.length > 0 ? `To change ${mend.length} of them, run again with --apply. ` : "";
  const theirs = rest.length > 0
    ? `For ${rest.length} of them, give the statements on stdout to the provisioner.`
    : "";
  return `${ours}${theirs}`.trim();
}
