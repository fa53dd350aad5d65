/**
 * The schema of `dolibarr-drill.yaml`: its keys, their types and meanings. Messages (problems/explain.ts) and the JSON
 * Schema for editors (json_schema.ts) are made from it.
 */

import { z } from "zod";
import { ROTA_DURATION } from "../durations.ts";
import { notifySchema } from "./notify.ts";
import { command, longDuration, pattern, secret, shortDuration, text, timeLimit } from "./parts.ts";

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

const databaseSchema = z.strictObject({
  host: text("the server's name, its address, or the folder of its socket", "db.example.org"),
  port: z.int().min(1).max(65535).default(5432).meta({ description: "the server's port", examples: [5432] }),
  name: text("the database", "erp"),
  owner: text("the role that owns the ERP's tables", "erp_role"),
  user: text("the login: a name, or a reference to one", "env:ERP_USER"),
  password: secret(
    "the password of that login, as a reference; without it .pgpass is asked, or the server asks for none",
    "env:ERP_PASSWORD",
  ).optional(),
  sslmode: z.enum(["disable", "prefer", "require", "verify-ca", "verify-full"]).default("prefer").meta({
    description:
      "how the connection is encrypted, as libpq has it: prefer takes TLS where the server offers it, verify-full also proves whose server it is",
    examples: ["verify-full"],
  }),
  root_cert: text(
    "a PEM file with the authority that the server's certificate must be of, with verify-ca and verify-full",
    "company-ca.pem",
  ).optional(),
  client_cert: text("a PEM file with the certificate of that login, where the server asks for one", "erp.crt")
    .optional(),
  client_key: text("the file with the key of that certificate", "erp.key").optional(),
  reader: z.strictObject({
    user: text("the login for backups: a name, or a reference to one", "env:ERP_READER"),
    password: secret("the password of that login, as a reference", "env:ERP_READER_PASSWORD").optional(),
  }).meta({
    description:
      "a login that can read everything and write nothing; backups use it, and refuse one that can write",
  }).optional(),
}).meta({ description: "the ERP's database on PostgreSQL" });

/** The name of a further folder in the archive. */
const FOLDER_NAME = /^[a-z0-9_-]{1,40}$/;

/** The name of a link in the documents. */
const LINK_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

const documentsSchema = z.union([
  text("an absolute path", "/var/www/documents"),
  z.strictObject({
    folder: text("an absolute path", "/var/www/documents"),
    more: z.record(
      z.string().regex(
        FOLDER_NAME,
        "lower-case letters, digits, dashes and underscores, at most 40, as in custom",
      ),
      text("an absolute path", "/var/www/html/custom"),
    ).meta({
      description: "further folders, backed up into the same archive under these names",
      examples: [{ custom: "/var/www/html/custom" }],
    }).optional(),
    follow: z.record(
      z.string().regex(
        LINK_NAME,
        "the name of a link right in the documents folder, as in produit",
      ),
      text("an absolute path", "/srv/volume2/produit"),
    ).meta({
      description:
        "links of the documents to folders elsewhere that are backed up and restored with them; one that leads to another folder is refused",
      examples: [{ produit: "/srv/volume2/produit" }],
    }).optional(),
    exclude: z.array(text("a path, * for any text", "/medias/**")).meta({
      description:
        "what is not backed up, in place of the defaults, also where a row of the database names it; * stands for any text, and a pattern matches from any folder; one that begins with / fits from the documents folder on, with * for a part of one name, ** for any text and # for a number",
      examples: [["/medias/**", "*.zip"]],
    }).optional(),
  }),
  z.strictObject({
    kubernetes: z.strictObject({ claim: text("the name of the PersistentVolumeClaim", "erp-documents") })
      .meta({ description: "a volume of the cluster" }),
  }),
]).meta({
  description:
    "the documents tree: a folder, { folder: PATH, more: ..., exclude: [...] }, or { kubernetes: { claim: NAME } }",
  examples: ["/var/www/documents"],
});

const webSchema = z.strictObject({
  url: text("the address that a browser opens", "https://erp.example.org"),
  certificate_authority: text(
    "a PEM file with the certificates of your company's own authority, trusted at this address in addition to the known ones",
    "company-ca.pem",
  ).optional(),
  user: text("an account to sign in with, instead of one that the drill makes", "env:ERP_WEB_USER")
    .optional(),
  password: secret("the password of that account, as a reference", "env:ERP_WEB_PASSWORD").optional(),
}).meta({ description: "the ERP's web address" });

const workloadSchema = z.union([
  z.strictObject({
    command: z.strictObject({
      stop: command("stops the ERP and waits until it has stopped", ["systemctl", "stop", "erp"]),
      start: command("starts the ERP and waits until it has started", ["systemctl", "start", "erp"]),
    }).meta({ description: "two commands, each a list of words; they run without a shell" }),
  }),
  z.strictObject({
    kubernetes: z.strictObject({
      namespace: text("the namespace", "erp"),
      deployment: text("the Deployment that serves the ERP", "erp"),
      argocd: pattern(
        /^[a-z0-9.-]+\/[a-z0-9.-]+$/,
        "NAMESPACE/APPLICATION",
        "the Argo CD Application that owns the Deployment, paused before it is stopped",
        "argocd/erp",
      ).optional(),
    }).meta({ description: "a Deployment in the cluster" }),
  }),
]).meta({
  description: "how the ERP is stopped and started: { command: ... } or { kubernetes: ... }",
  examples: [{ kubernetes: { namespace: "erp", deployment: "erp" } }],
});

/** One form for all kinds of rule, so that a message can say what is missing; problems/neutralise.ts checks which parts go together. */
const neutraliseSchema = z.strictObject({
  constant: pattern(
    /^[A-Za-z0-9_*-]{3,180}$/,
    "the name of a constant: letters, digits, _ and -, with * for any text",
    "a constant of Dolibarr's setup; * in the name stands for any text, and matches the constants that exist",
    "MY_MODULE_URL",
  ).optional(),
  table: pattern(
    /^[a-z][a-z0-9_]{0,62}$/,
    "the name of a table: small letters, digits and _",
    "a table of the ERP, with or without Dolibarr's prefix",
    "mymodule_hook",
  ).optional(),
  column: pattern(
    /^[a-z_][a-z0-9_]{0,62}$/,
    "the name of a column: small letters, digits and _",
    "the column of that table which gets the value",
    "active",
  ).optional(),
  value: z.union([z.string().max(4096), z.number(), z.null()]).meta({
    description: "the new value of the constant or the column: a text, a number, or null for an empty column",
    examples: [0],
  }).optional(),
  delete: z.literal(true).meta({
    description: "true, in place of a value: the constant, or every row of the table, is deleted",
    examples: [true],
  }).optional(),
  why: text("what the rule prevents, for the report", "the hook tells our shop of every order"),
}).meta({
  description: "a change that keeps a restored sandbox from acting on the outside world",
  examples: [{ constant: "MY_MODULE_URL", value: "", why: "the shop is notified of every order" }],
});

const environmentSchema = z.strictObject({
  disposable: z.boolean().default(false).meta({
    description: "true: a restore may replace everything in it. No other environment is ever restored into",
    examples: [true],
  }),
  database: databaseSchema,
  documents: documentsSchema,
  web: webSchema,
  workload: workloadSchema.optional(),
  htdocs: text(
    "the folder of its PHP code, an absolute path: a drill looks there for code of your own modules that asks other machines",
    "/var/www/html",
  ).optional(),
  neutralise: z.array(neutraliseSchema).meta({
    description:
      "further changes after a restore into it, so that your own modules do not act on the outside world",
    examples: [[{ constant: "MY_MODULE_URL", value: "", why: "the shop is notified of every order" }]],
  }).optional(),
}).meta({ description: "one ERP: its database, its documents, its web address, how it is stopped" });

const storeSchema = z.strictObject({
  url: text("where the backups are stored: s3://BUCKET/PREFIX or file:///FOLDER", "s3://company-backup/erp"),
  endpoint: text("the address of the S3 service", "https://storage.googleapis.com").optional(),
  access_key: secret("the access key, as a reference", "env:AWS_ACCESS_KEY_ID").optional(),
  secret_key: secret("the secret key, as a reference", "env:AWS_SECRET_ACCESS_KEY").optional(),
  region: text("the region of the bucket, where the service asks for one", "eu-west-1").optional(),
}).meta({ description: "the object store that holds the backups" });

export const retentionSchema = z.strictObject({
  daily: longDuration("how long every set is kept", "30d").default("30d"),
  monthly: longDuration("how long one set of each month is kept", "12mo").default("12mo"),
  yearly: longDuration("how long one set of each year is kept", "10y").default("10y"),
}).meta({ description: "how long sets are kept" });

const drillSchema = z.strictObject({
  from: text("the environment whose newest set is restored", "prod"),
  into: text("the disposable environment that it is restored into", "sandbox"),
  samples: z.int().min(1).max(1000).default(20).meta({
    description: "how many invoices are opened in the browser",
    examples: [20],
  }),
  level: z.enum(["fast", "standard", "deep"]).default("standard").meta({
    description:
      "how much is checked: fast opens the sign-in page and one invoice, standard opens the samples, deep also reads the text of every PDF and every index",
    examples: ["standard"],
  }),
  max_age: shortDuration("the drill fails if the newest good set is older", "26h").default("26h"),
  max_quiet: shortDuration(
    "after so long without a change in the database or a sign-in, a drill makes a finding; without this setting it only shows the time of the last change",
    "14d",
  ).optional(),
  max_duration: timeLimit("the drill fails if it takes longer", "15m").default("15m"),
  rota: pattern(
    ROTA_DURATION,
    "a duration in days, like 30d, or 0d for none",
    "every set is restored once within this time; 0d: only the newest",
    "30d",
  ).default("30d"),
  harmless: z.array(text("a part of the line in the report, at least 4 characters", "/custom/banner/").min(4))
    .default([])
    .meta({
      description:
        "errors on the ERP's pages that production has too and that are known to be harmless: such a line fails no check, but is still reported",
      examples: [["/custom/banner/"]],
    }),
  versions: z.array(z.int().min(1).max(999)).default([]).meta({
    description:
      "major versions of Dolibarr that are restored into a sandbox though this tool was proved on 22 alone: what acts on the world is not known there",
    examples: [[23]],
  }),
  control: z.boolean().default(true).meta({
    description: "after a PASS, the sandbox is broken in one way that a check must detect, and then put back",
    examples: [true],
  }),
}).meta({ description: "what the nightly drill does" });

const labSchema = z.strictObject({
  erp: z.enum(["real", "stand-in"]).meta({
    description: "what serves the pages: Dolibarr itself, or the stand-in",
    examples: ["real"],
  }),
  reason: text("why it is the stand-in", "22.0.4 could not be downloaded").optional(),
}).meta({ description: "written by the embedded lab into its own file, so that every result says so" });

/** The whole file. */
export const fileSchema = z.strictObject({
  store: storeSchema,
  retention: retentionSchema.prefault({}),
  environments: z.record(
    z.string().regex(NAME, "lower-case letters, digits and dashes, at most 40, as in sandbox or prod-2"),
    environmentSchema,
  ).meta({ description: "the ERPs by name, for example prod and sandbox" }),
  drill: drillSchema,
  state: pattern(
    /^\/(?!\/)/,
    "an absolute path",
    "the folder for what a run after a crash needs, and for checkpoints: this user's own, outside of all documents",
    "/var/lib/dolibarr-drill",
  ).optional(),
  notify: notifySchema.optional(),
  lab: labSchema.optional(),
}).meta({ title: "dolibarr-drill.yaml", description: "The configuration of dolibarr-drill" });

/** The file as parsed, defaults filled in. */
export type FileShape = z.infer<typeof fileSchema>;
export type EnvironmentShape = z.infer<typeof environmentSchema>;
export type NeutraliseShape = z.infer<typeof neutraliseSchema>;
