/** Where the result of a drill, a backup and a prune is sent: problems that the schema cannot see, and the configuration as a value. */

import { suggestion } from "../../base/nearest.ts";
import type { NotifyConfig } from "../config.ts";
import { type Remark, remarkOn } from "./remark.ts";
import { record } from "./unchecked.ts";
import type { NotifyShape } from "../schema/notify.ts";
import { SECRET_REFERENCE } from "../schema/parts.ts";
import { looksLikeReference, type Secret } from "../secrets.ts";
import type { Path } from "../yaml_lines.ts";

/** The words that a message may contain in braces. */
const PLACEHOLDERS = [
  "verdict",
  "verb",
  "headline",
  "cause",
  "environment",
  "set",
  "report",
  "hint",
  "culprit",
  "findings",
] as const;
export type Placeholder = typeof PLACEHOLDERS[number];

/** The default body, as Mattermost, Slack and Rocket.Chat accept it. */
const USUAL_BODY = {
  json: { text: "{verdict} {environment}: {cause}\n{hint}\nset: {set}\nreport: {report}" },
};

/** RFC 9110, 5.6.2: a token. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Headers whose value is usually a credential. */
const SECRET_HEADER = /auth|token|key|secret|passw|cookie|credential/i;

/** Problems of `notify` that the schema cannot see. */
export function notifyProblems(value: unknown): Remark[] {
  if (value === undefined || value === null || typeof value !== "object") return []; // the schema says so
  const { webhook, alive_url } = value as Record<string, unknown>;
  if (webhook === undefined && alive_url === undefined) {
    return [remarkOn(["notify"], "has neither a webhook nor an alive_url: add one, or remove notify")];
  }
  return typeof webhook === "object" && webhook !== null
    ? webhookProblems(webhook as Record<string, unknown>)
    : [];
}

function webhookProblems({ headers, json, text }: Record<string, unknown>): Remark[] {
  const at: Path = ["notify", "webhook"];
  const found = Object.entries(record(headers)).flatMap(([name, value]) =>
    typeof value === "string" ? headerProblems([...at, "headers", name], name, value) : []
  );
  if (json !== undefined && text !== undefined) {
    return [
      ...found,
      remarkOn([...at, "text"], "is set together with json: a message has one body, use one of them"),
    ];
  }
  const key = json === undefined ? "text" : "json";
  const body = json ?? text;
  if (body === undefined) return found;
  const texts = textsOf(body);
  found.push(...texts.flatMap((one) => unknownPlaceholders([...at, key], one)));
  if (!texts.some((one) => /\{(cause|headline)\}/.test(one.trimStart().split("\n")[0] ?? ""))) {
    found.push(
      remarkOn([...at, key], "does not give the reason in its first line: put {cause} or {headline} there"),
    );
  }
  return found;
}

function headerProblems(path: Path, name: string, value: string): Remark[] {
  if (!HEADER_NAME.test(name)) return [remarkOn(path, "is not a valid name of a header")];
  if (looksLikeReference(value)) {
    return SECRET_REFERENCE.test(value)
      ? []
      : [remarkOn(path, "is not a valid reference: write env:NAME or file:PATH")];
  }
  if (SECRET_HEADER.test(name)) {
    return [
      remarkOn(path, "is not a reference: this file must not contain secrets. Write env:NAME or file:PATH"),
    ];
  }
  return unknownPlaceholders(path, value);
}

const unknownPlaceholders = (path: Path, text: string): Remark[] =>
  [...text.matchAll(/\{([A-Za-z_]+)\}/g)].map(([, name = ""]) => name)
    .filter((name) => !PLACEHOLDERS.some((known) => known === name))
    .map((name) =>
      remarkOn(
        path,
        `contains {${name}}, which is not a known placeholder: ${suggestion(name, PLACEHOLDERS)}`,
      )
    );

/** Every text of a body, at any depth. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The configuration as a value, where it has no problem; no secret is read. */
export function notifyOf(
  { webhook, alive_url, alive_method }: NotifyShape,
  secret: (ref: string, path: Path) => Secret,
): NotifyConfig {
  const at: Path = ["notify", "webhook"];
  return {
    ...(webhook
      ? {
        webhook: {
          url: secret(webhook.url, [...at, "url"]),
          headers: Object.fromEntries(
            Object.entries(webhook.headers ?? {}).map(([name, value]) => [
              name,
              looksLikeReference(value) ? secret(value, [...at, "headers", name]) : value,
            ]),
          ),
          body: webhook.json ? { json: webhook.json } : webhook.text ? { text: webhook.text } : USUAL_BODY,
        },
      }
      : {}),
    ...(alive_url
      ? { alive: { url: secret(alive_url, ["notify", "alive_url"]), method: alive_method } }
      : {}),
  };
}
