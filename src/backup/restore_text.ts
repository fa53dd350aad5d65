/**
 * `RESTORE.txt`: how to get everything back without this tool. Renewed by each backup, for the day on which nothing of
 * ours can be installed any more.
 */

import { messageOf } from "../base/errors.ts";
import { shellWord } from "../base/shell_words.ts";
import { bytesOf, readSmall } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { statement } from "../postgres/catalogue/database_settings.ts";
import type { RecordedSettings } from "../store/records/manifest.ts";
import { acceptedInWords, type BackupSet, suspectOf } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";

const FILE = "RESTORE.txt";

/** Writes the text for `set`, the newest good one. A failure is a warning: the set is complete without it. */
export async function renewRestoreText(
  store: Store,
  set: BackupSet,
  source: OpenEnvironment,
  reporter: Reporter,
): Promise<void> {
  const key = `${source.name}/${FILE}`;
  const text = restoreText(set, {
    url: store.url,
    endpoint: store.endpoint,
    documents: source.documents,
    moreFolders: source.moreFolders,
  });
  try {
    await store.put(key, bytesOf(text));
    if (new TextDecoder().decode(await readSmall(store.get(key))) === text) return;
    reporter.warn(`The set is complete, but ${key} holds other bytes than were sent`);
  } catch (left) {
    reporter.warn(`The set is complete, but ${key} could not be renewed: ${messageOf(left)}`);
  }
}

interface StorePlace {
  /** `s3://BUCKET/PREFIX` or `file:///FOLDER` */
  url: string;
  endpoint?: string;
  /** Where the documents lay. */
  documents: string;
  /** Further folders in the archive, by the name of their top folder in it. */
  moreFolders?: Readonly<Record<string, string>>;
}

/** The whole text. Every line that begins with four blanks is a command for a shell. Pure. */
function restoreText(set: BackupSet, place: StorePlace): string {
  const { name, environment, manifest } = set;
  const { db, docs, identity, versions } = manifest;
  const suspect = suspectOf(set);
  const accepted = acceptedInWords(set);
  const { databaseName: database, owner } = identity;
  const objects = [...db.objects, ...docs.objects];
  const files = objects.map(({ key }) => baseName(key));
  const [dump = "", archive = ""] = files;
  const rows = db.content.tables.reduce((sum, table) => sum + table.rows, 0);
  return `How to get ${environment} back without dolibarr-drill
================================================================

${
    suspect.length === 0
      ? "The newest good backup set is"
      : `There is NO GOOD SET that this tool took: its state looks lost (${
        suspect.join("; ")
      }).\nOlder ones may lie beside it. The newest is`
  } ${name} (UTC): ${db.content.tables.length} tables with ${rows} rows,
${docs.files} documents${accepted === undefined ? "" : ` (${accepted})`}. It was made with pg_dump ${
    versions.pg_dump ?? "(unknown)"
  } from PostgreSQL ${versions.server ?? "(unknown)"}.
Older sets: manifests/<moment>.json beside this file names the objects of each, and their SHA-256.
This text was renewed by the backup at ${manifest.endedAt}.

Run it in an empty folder with room for the files, with PostgreSQL's programs of the same major
version or newer. The commands ask for no password: set PGHOST, PGPORT, PGUSER (a superuser) and
PGPASSWORD first${place.url.startsWith("s3:") ? ", and the keys of the bucket for aws" : ""}.

1. Fetch the objects, and see that they are what was backed up

${objects.map(({ key }) => `    ${fetchCommand(place, key)}`).join("\n")}
${objects.map(({ sha256 }, at) => `    echo '${sha256}  ${files[at]}' | sha256sum --check`).join("\n")}

2. The roles, where the server does not have them: the owner cannot log in, the ERP's login is a
   member of it (choose a password with \\password)

    psql -d postgres -c ${shellWord(`CREATE ROLE ${identifier(owner)} NOLOGIN`)}
    psql -d postgres -c ${
    shellWord(`CREATE ROLE ${identifier(`${database}_login`)} LOGIN IN ROLE ${identifier(owner)}`)
  }

3. The database. What is left out of the dump's list: the schema public and the rights on it, which
   every database has, and user_lookup, which is the pooler's

    createdb --owner=${shellWord(owner)} --template=template0 --encoding=UTF8 ${shellWord(database)}
    pg_restore --list ${dump} | grep -v -e ' SCHEMA - public ' -e ' ACL - SCHEMA public ' -e ' COMMENT - SCHEMA public ' -e 'user_lookup(' >contents.list
    pg_restore --use-list=contents.list --no-owner --no-acl --role=${
    shellWord(owner)
  } --single-transaction --exit-on-error -d ${shellWord(database)} ${dump}

${
    madeSettings(db.settings, database)
  }   pgbouncer asks user_lookup for the passwords' hashes. Where it stands before the server, make it
   again, as a superuser, with EXECUTE and USAGE on schema public for pgbouncer's own login alone:

   CREATE FUNCTION public.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record
   LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
   $$ SELECT usename::text, passwd FROM pg_catalog.pg_shadow WHERE usename = i_username $$;
   REVOKE ALL ON FUNCTION public.user_lookup(text) FROM PUBLIC;

4. The documents, into the folder that Dolibarr's conf.php names; it lay at
   ${place.documents}

    mkdir -p documents
    tar -xzf ${archive} -C documents

${
    Object.entries(place.moreFolders ?? {}).map(([name, folder]) =>
      `   Its top folder ${name} is no part of them: move it to where it lay, ${folder}\n`
    ).join("")
  }   Give them to the user that the ERP runs as (chown -R www-data documents).

5. ${
    notHeld(place)
  }conf/conf.php is in no backup. It needs the database's name, login and password, and the same
   $dolibarr_main_instance_unique_id as before: with another one all values that Dolibarr encrypted
   (API keys, passwords of mail boxes) are lost. Nobody may work before the invoices and the
   company's logo were seen in a browser.
`;
}

/** What no dump has: without it the ERP may show, sort and find values otherwise. */
function madeSettings(settings: RecordedSettings | undefined, database: string): string {
  const [first, ...others] = (settings?.made ?? []).filter(({ of }) => of === "database");
  if (!first) return "";
  return `   What the database was set to, which no dump has:

${
    [first, ...others].map(({ name, value }) =>
      value === undefined
        ? `   ${name}: its value is in no backup`
        : `    psql -d postgres -c ${shellWord(statement(database, { name, value }))}`
    ).join("\n")
  }

`;
}

/** The modules of an installation lie outside of its documents. */
const notHeld = ({ moreFolders = {} }: StorePlace): string =>
  Object.values(moreFolders).some((folder) => baseName(folder) === "custom")
    ? "Dolibarr itself is in no backup: install the version that the dump is of.\n   "
    : `The folder custom of Dolibarr's htdocs, with the modules of your own, is in no backup. So is
   Dolibarr itself: install the version that the dump is of.
   `;

const baseName = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

function fetchCommand({ url, endpoint }: StorePlace, key: string): string {
  if (url.startsWith("file://")) {
    return `cp ${shellWord(`${decodeURIComponent(new URL(url).pathname).replace(/\/+$/, "")}/${key}`)} .`;
  }
  return `aws ${endpoint ? `--endpoint-url ${shellWord(endpoint)} ` : ""}s3 cp ${
    shellWord(`${url}/${key}`)
  } .`;
}

/** A name in SQL, in quotes where it needs them. */
const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
