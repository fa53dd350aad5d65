/** A running ERP: the prod of a lab, with Dolibarr or with the stand-in. */

import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { createDrillAccount } from "../../../src/dolibarr/sandbox/drill_account.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { type ErpKind, startLab } from "./lab.ts";

/** A running ERP with an account that may read. Disposing removes the account and stops the lab. */
export interface RunningErp extends AsyncDisposable {
  kind: ErpKind;
  url: string;
  /** Its documents folder. */
  documents: string;
  /** A session of the role that owns the ERP's tables. */
  session: Session;
  drillAccount: { login: string; password: string };
  /** The file from which the stand-in reads its fault. */
  faultsFile: string;
}

/** Starts the lab of this kind; the first time it is built. */
export async function startErp(kind: ErpKind): Promise<RunningErp> {
  await using started = new AsyncDisposableStack();
  const lab = started.use(await startLab(kind));
  const { database, documents, web } = environmentOf(await loadConfig(lab.configFile), "prod");
  if (!("folder" in documents)) throw new Error("the lab keeps its documents in a folder");
  const session = started.use(
    await connect({
      ...database,
      user: await database.user.read(),
      password: await database.password!.read(),
    }),
  );
  const account = started.use(await createDrillAccount(session));
  const resources = started.move();
  return {
    kind,
    url: web.url,
    documents: documents.folder,
    session,
    drillAccount: { login: account.login, password: account.password },
    faultsFile: `${lab.folder}/prod/faults.json`,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
