/**
 * Recomputes the whole unalterable log. The signatures contain dates in PHP's time zone, which is recorded nowhere: it is
 * the one in which the lines match their signatures.
 */

import type { Session } from "../../../postgres/connection/session.ts";
import { beforeTheLog, type ChainResult, lineFitOf, verifyChain } from "./chain.ts";
import { type ChainRoots, LINES_PER_QUERY, type LogLine, readChainRoots, readLogLines } from "./lines.ts";

/** Tried first: Debian's PHP is in UTC where no other zone is set. */
const LIKELY = ["UTC", "Europe/Paris"];

/**
 * Recomputes the signatures of every line.
 * @returns the result, with the time zone that was used; undefined where the log has no line.
 */
export async function recomputeLog(session: Session): Promise<ChainResult & { zone: string } | undefined> {
  const roots = await readChainRoots(session);
  const first = await readLogLines(session, "UTC", 0);
  if (first.length === 0) return undefined;
  const zone = await zoneOf(session, first, roots);
  const found: ChainResult & { zone: string } = { checked: 0, otherVersions: 0, faults: [], zone };
  const state = beforeTheLog();
  for (let after = 0;;) {
    const lines = zone === "UTC" && after === 0 ? first : await readLogLines(session, zone, after);
    const part = verifyChain(lines, roots, state);
    found.checked += part.checked;
    found.otherVersions += part.otherVersions;
    found.faults.push(...part.faults);
    if (lines.length < LINES_PER_QUERY) return found;
    after = lines.at(-1)!.id;
  }
}

/** The first zone in which the most of three lines match their own signatures. */
async function zoneOf(
  session: Session,
  lines: readonly LogLine[],
  { salt, zone }: ChainRoots & { zone?: string },
): Promise<string> {
  const tried = [lines[0]!, lines[lines.length >> 1]!, lines.at(-1)!];
  const fits = (line: LogLine) => lineFitOf(line, "", salt) !== "altered";
  const zones = [...(zone ? [zone] : []), ...LIKELY];
  let best = { zone: zones[0]!, fitting: 0 };
  const weigh = (name: string, shifted: readonly LogLine[]) => {
    const fitting = shifted.filter(fits).length;
    if (fitting > best.fitting) best = { zone: name, fitting };
  };
  for (const name of zones) {
    weigh(name, await inZones(session, tried, [name]).then((found) => found.get(name) ?? []));
    if (best.fitting === tried.length) return best.zone;
  }
  if (best.fitting > 0 && lines.length < 2) return best.zone;
  for (const [name, shifted] of await inZones(session, tried)) weigh(name, shifted);
  return best.zone;
}

interface Shifted extends Record<string, unknown> {
  zone: string;
  id: number;
  created: string | null;
  about: string | null;
}

/** The lines with their dates read in each of `zones`, or in every zone that the server knows. */
async function inZones(
  session: Session,
  lines: readonly LogLine[],
  zones?: readonly string[],
): Promise<Map<string, LogLine[]>> {
  const rows = await session.query<Shifted>(
    `SELECT z.name AS zone, l.rowid::integer AS id, extract(epoch FROM l.date_creation AT TIME ZONE z.name)::bigint::text AS created,
       extract(epoch FROM l.date_object AT TIME ZONE z.name)::bigint::text AS about
       FROM public.llx_blockedlog l CROSS JOIN ${
      zones
        ? "unnest($2::text[]) AS z (name)"
        : "(SELECT name FROM pg_catalog.pg_timezone_names ORDER BY name) AS z"
    } WHERE l.rowid = ANY($1)`,
    zones ? [lines.map(({ id }) => id), zones] : [lines.map(({ id }) => id)],
  );
  const byId = new Map(lines.map((line) => [line.id, line]));
  const found = new Map<string, LogLine[]>();
  for (const { zone, id, created, about } of rows) {
    const list = found.get(zone) ?? [];
    list.push({ ...byId.get(id)!, created: created ? [created] : [], about: about ? [about] : [] });
    found.set(zone, list);
  }
  return found;
}
