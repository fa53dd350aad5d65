/** Gathers the facts that the gate judges: from the servers, the folders, and what backups recorded of both. */

import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { formatCount } from "../../base/numbers.ts";
import { shellWord } from "../../base/shell_words.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { identify, membershipsOf } from "../../postgres/connection/identity.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import { requireOwnerRole } from "../../postgres/rights/owner_role.ts";
import { readSets } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { readTargetTree, type TargetFolder, type TargetTree } from "./target_tree.ts";
import { folderFacts } from "./folder_facts.ts";
import { type DisposableTarget, judgeTarget, type ProtectedFacts, type SetOrigin } from "./judge.ts";

/** A protected environment as configured; its secrets may be unreadable from here. */
export interface ProtectedEnvironment {
  name: string;
  owner: string;
  documents: string;
  /** Folders elsewhere that are backed up with them. */
  furtherFolders?: readonly string[];
  webUrl: string;
  /** Opens it; fails where it cannot be reached from here. */
  open(): Promise<OpenEnvironment>;
}

interface GateOptions {
  /** Every environment that must not be hit. */
  protectedOnes: readonly ProtectedEnvironment[];
  /** Knows who the protected ones were at their last backup. */
  store: Store;
  /**
   * The database that the content was taken from, where that is recorded: it is never restored over, whatever the
   * environments are configured as by now.
   */
  origin?: SetOrigin;
  /** The name of the protected database that a person asked to overwrite. */
  requested?: string;
  /** The folders of the target that are replaced; `foreign`: a person said that files of strangers in them may go. */
  replaced?: { folders: readonly string[]; foreign: boolean };
}

/** A target that may be restored into, and what lies in its documents. */
interface PassedTarget {
  target: DisposableTarget;
  tree: TargetTree;
}

/**
 * The target, once the gate has let it pass.
 * @throws DrillError `TARGET_REFUSED` with every reason, `ROLE_MISSING` where an owner as configured is no role of its
 *   server, and would be compared with in vain; nothing was changed.
 */
export async function passGate(
  session: Session,
  target: OpenEnvironment,
  { protectedOnes, store, origin, requested, replaced }: GateOptions,
): Promise<PassedTarget> {
  await requireOwnerRole(session, target.database);
  const others = await Promise.all(protectedOnes.map((other) => protectedFacts(other, store)));
  const identity = await identify(session);
  const folder = await folderFacts(target.documents);
  const furtherFolders = await Promise.all(
    Object.values(target.moreFolders ?? {}).map(async (path) => ({ path, facts: await folderFacts(path) })),
  );
  const tree = await readTargetTree(target, others, session, store);
  const foreign = tree.folders.filter((one) => one.foreign && replaced?.folders.includes(one.folder));
  const facts = {
    name: target.name,
    disposable: target.disposable,
    database: identity,
    databaseName: identity.databaseName,
    owner: target.database.owner,
    memberOf: [
      ...await membershipsOf(session, others.map(({ owner }) => owner)),
      ...await ownersMemberships(session, target.database.owner, others),
    ],
    documents: { ...folder, isEmpty: tree.folders[0]!.files === 0 },
    foreign: replaced?.foreign ? [] : foreign.map((one) => foreignText(one, target.name)),
    furtherFolders,
    webOrigin: new URL(target.web.url).origin,
  };
  const compared = others.map((other) => ({ ...other, tree: tree.trees.get(other.name) }));
  const judgement = judgeTarget(facts, compared, origin, requested);
  if (judgement.allowed) return { target: judgement.target, tree };
  const { reasons } = judgement;
  const [mistyped, ...further] = reasons;
  if (mistyped?.refusal === "other_name" && further.length === 0) {
    throw new DrillError(
      "TARGET_REFUSED",
      `Cannot restore into ${target.name}: ${mistyped.sentence}`,
      `Nothing was changed. If ${target.name} is what is to be overwritten: --into ${target.name} --restore-production ${
        shellWord(identity.databaseName)
      }`,
    );
  }
  if (reasons.every(({ refusal }) => refusal === "foreign_documents")) {
    throw new DrillError(
      "TARGET_REFUSED",
      `Cannot restore into ${target.name}: ${foreign[0]!.folder} holds files that no restore put there`,
      "Nothing was changed. Look at what lies there. If all of it may be replaced, say so once: --replace-foreign. From then on the tree is known.",
      { details: reasons.map(({ sentence }) => sentence) },
    );
  }
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore into ${target.name}: it is not proved to differ from every protected environment`,
    reasons.some(({ refusal }) => refusal === "other_name")
      ? "Nothing was changed. Give the name of the database that is to be overwritten: --restore-production NAME"
      : reasons.every(({ refusal }) => refusal === "unknown_identity")
      ? `Nothing was changed. A backup records which database and which files an environment has: ${PROGRAM} backup --env NAME, where it can be reached.`
      : "Nothing was changed. Check environments in the configuration: which server and which folder does each name?",
    { details: reasons.map(({ sentence }) => sentence) },
  );
}

async function ownersMemberships(
  session: Session,
  owner: string,
  others: readonly Pick<ProtectedFacts, "owner">[],
): Promise<string[]> {
  const rows = await session.query<{ role: string }>(
    `SELECT p.rolname::text AS role FROM pg_catalog.pg_roles o, pg_catalog.pg_roles p
      WHERE o.rolname = $1 AND p.rolname = ANY($2) AND o.oid <> p.oid AND pg_has_role(o.oid, p.oid, 'MEMBER')`,
    [owner, others.map((other) => other.owner)],
  );
  return rows.map(({ role }) => role);
}

/** Without its tree, which is compared with the target's when all are known. */
async function protectedFacts(
  other: ProtectedEnvironment,
  store: Store,
): Promise<Omit<ProtectedFacts, "tree">> {
  return {
    name: other.name,
    owner: other.owner,
    databases: [await identityNow(other), await recordedIdentity(other.name, store)]
      .filter((known) => known !== undefined),
    documents: await folderFacts(other.documents).catch(() => undefined), // not on this machine: the configured path is still compared
    documentsPath: other.documents,
    furtherFolders: await Promise.all((other.furtherFolders ?? []).map(async (path) => ({
      path,
      facts: await folderFacts(path).catch(() => undefined), // likewise
    }))),
    webOrigin: new URL(other.webUrl).origin,
  };
}

async function identityNow(other: ProtectedEnvironment) {
  try {
    const { database } = await other.open();
    await using session = await connect(database);
    const identity = await identify(session);
    await requireOwnerRole(session, database);
    return identity;
  } catch (error) {
    if (error instanceof DrillError && error.code !== "ROLE_MISSING") return undefined; // down, or its secrets cannot be read here: its manifests have it
    throw error;
  }
}

async function recordedIdentity(name: string, store: Store) {
  const [newest] = await readSets(store, name, () => {}); // each of them records the identity
  return newest?.manifest.identity;
}

const foreignText = ({ what, files, foreign }: TargetFolder, name: string): string =>
  `${formatCount(files, "file")} in ${what} of ${name}: ${foreign}`;
