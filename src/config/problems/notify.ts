/** Who is told how a drill ended: what is wrong with it as far as the schema cannot tell, and the value that it makes. */

import { suggestion } from "../../base/nearest.ts";
import type { NotifyConfig } from "../config.ts";
import type { Remark } from "./explain.ts";
import type { NotifyShape } from "../schema/notify.ts";
import { SECRET_REFERENCE } from "../schema/parts.ts";
import { looksLikeReference, type Secret } from "../secrets.ts";
import type { Path } from "../yaml_lines.ts";

/** What may stand in braces in a message. */
export const PLACEHOLDERS = [
  "verdict",
  "headline",
  "cause",
  "environment",
  "set",
  "report",
  "hint",
] as const;
export type Placeholder = typeof PLACEHOLDERS[number];

/** What is posted where the configuration says nothing else; Mattermost and its relatives take it as it is. */
const USUAL_BODY = {
  json: { text: "{verdict} {environment}: {cause}\n{hint}\nset: {set}\nreport: {report}" },
};

/** RFC 9110, 5.6.2: a token. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Headers whose value lets its bearer in. */
const SECRET_HEADER = /auth|token|key|secret|passw|cookie|credential/i;

/** What is wrong with `notify` as it was read. */
export function notifyProblems(value: unknown): Remark[] {
  if (value === undefined || value === null || typeof value !== "object") return []; // the schema says so
  const { webhook, alive_url } = value as Record<string, unknown>;
  if (webhook === undefined && alive_url === undefined) {
    return [remark(["notify"], "tells nobody: name a webhook, or an alive_url, or take it out")];
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
      remark([...at, "text"], "stands beside json: a message has one body, write one of them"),
    ];
  }
  const key = json === undefined ? "text" : "json";
  const body = json ?? text;
  if (body === undefined) return found;
  const texts = textsOf(body);
  found.push(...texts.flatMap((one) => unknownPlaceholders([...at, key], one)));
  if (!texts.some((one) => /\{(cause|headline)\}/.test(one.trimStart().split("\n")[0] ?? ""))) {
    found.push(remark([...at, key], "does not say why in its first line: put {cause} or {headline} there"));
  }
  return found;
}

function headerProblems(path: Path, name: string, value: string): Remark[] {
  if (!HEADER_NAME.test(name)) return [remark(path, "is no name of a header")];
  if (looksLikeReference(value)) {
    return SECRET_REFERENCE.test(value) ? [] : [remark(path, "is no reference: write env:NAME or file:PATH")];
  }
  if (SECRET_HEADER.test(name)) {
    return [
      remark(path, "is not a reference: secrets never stand in this file. Write env:NAME or file:PATH"),
    ];
  }
  return unknownPlaceholders(path, value);
}

const unknownPlaceholders = (path: Path, text: string): Remark[] =>
  [...text.matchAll(/\{([A-Za-z_]+)\}/g)].map(([, name = ""]) => name)
    .filter((name) => !PLACEHOLDERS.some((known) => known === name))
    .map((name) => remark(path, `has {${name}}, which is not known: ${suggestion(name, PLACEHOLDERS)}`));

/** Every text of a body, however deep it stands. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The form that has no problem as a value; nothing secret is read. */
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

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};

const remark = (path: Path, text: string): Remark => ({ path, text: `${path.join(".")} ${text}` });
