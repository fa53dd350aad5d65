/** `fix-ownership`: what of the ERP is not its owner role's, mended as far as our login may. */

import { DrillError, EXIT, type ExitStatus } from "../base/errors.ts";
import { formatCount } from "../base/text.ts";
import { type Environment, environmentOf } from "../config/config.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { giveSql, sentenceOf } from "../postgres/rights/owners.ts";
import { connect, type Session } from "../postgres/connection/session.ts";
import {
  mendOwnership,
  type OwnershipPlan,
  planOwnership,
  provisionerSql,
} from "../restore/gate/ownership.ts";
import { passGate } from "../restore/gate/gate.ts";
import { takeLease } from "../store/lease/lease.ts";
import { openEnvironment, openStore, protectedOnes } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import type { Options } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(
    options,
    shell,
    (config) => ({ databases: [options.env ?? config.drill.into] }),
    async (context) => {
      const environment = environmentOf(context.config, options.env ?? context.config.drill.into);
      if (options.apply && !environment.disposable) throw isProtected(environment);
      const target = await openEnvironment(environment, context.reporter);
      await using session = await connect(target.database);
      const plan = await planOwnership(session, target.database.owner);
      if (!options.apply) return show(plan, target, context);
      const rest = await apply(session, plan, target, context);
      return show(rest, target, context, plan.mend.length);
    },
  );
}

const isProtected = ({ name }: Environment) =>
  new DrillError(
    "TARGET_REFUSED",
    `Cannot change whose the objects of ${name} are: it is protected`,
    `Nothing was changed. Without --apply the statements are printed, for the provisioner: dolibarr-drill fix-ownership --env ${name}`,
  );

/** Past the gate, and with the lease: nobody restores there meanwhile, and it is not production under another name. */
async function apply(
  session: Session,
  plan: OwnershipPlan,
  target: OpenEnvironment,
  { config, reporter, signal }: Context,
): Promise<OwnershipPlan> {
  const store = await openStore(config.store, signal);
  await using _lease = await takeLease(store, target.name, "fix-ownership", { signal });
  const others = protectedOnes(config, { from: config.drill.from, into: target.name }, reporter);
  await passGate(session, target, { protectedOnes: others, store });
  return await mendOwnership(session, plan);
}

/** Statements are data, and all else is talk: what is printed can be pasted. */
function show(plan: OwnershipPlan, target: OpenEnvironment, context: Context, mended = 0): ExitStatus {
  const { disposable, name, database } = target;
  const { mend, rest, owner, checked } = plan;
  for (const object of [...mend, ...rest]) {
    const who = object.hindrance === null && disposable ? "us" : "provisioner";
    const about = { event: "ownership", environment: name, ...object, by: who, sql: giveSql(object, owner) };
    context.event(about);
    const why = object.hindrance === null
      ? "our login may change that"
      : `for the provisioner: ${object.hindrance}`;
    context.say(`${sentenceOf(object)} (${why})`);
  }
  if (mended > 0) context.say(`${formatCount(mended, "object")} given to ${owner}, and read back`);
  for (const line of provisionerSql(plan, { database: database.name, whole: !disposable })) context.out(line);
  const left = mend.length + rest.length;
  const counts = { environment: name, checked, mended, left };
  if (left === 0) {
    context.say(`${formatCount(checked, "object")} of ${name} looked at: all are ${owner}'s`);
    return context.finish({ verdict: "pass", exit: EXIT.ok, ...counts });
  }
  const message = `Cannot call ${name} right: ${formatCount(left, "object")} of ${
    formatCount(checked, "object")
  } are not ${owner}'s`;
  const hint = hintOf(plan, target);
  context.say(message);
  context.say(hint);
  return context.finish({
    verdict: "fail",
    exit: EXIT.bad,
    code: "OWNERSHIP_DIFFERS",
    message,
    hint,
    ...counts,
  });
}

function hintOf({ mend, rest }: OwnershipPlan, { name, disposable }: OpenEnvironment): string {
  if (!disposable) return `${name} is protected: hand the statements on stdout to the provisioner.`;
  const ours = mend.length > 0 ? `Mend ${mend.length} with --apply. ` : "";
  const theirs = rest.length > 0
    ? `Hand the statements on stdout to the provisioner, for ${rest.length}.`
    : "";
  return `${ours}${theirs}`.trim();
}
