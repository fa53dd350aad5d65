/** Dolibarr's settings, its constants (`llx_const`), as they apply to the first entity. */

import type { Session } from "../postgres/connection/session.ts";

/** The value of each of these constants that is set; the entity's own overrides that of entity 0 (`Conf::setValues`, 22.0.4). */
export async function readConstants<Name extends string>(
  session: Session,
  names: readonly Name[],
): Promise<Partial<Record<Name, string>>> {
  const rows = await session.query<{ name: Name; value: string }>(
    "SELECT name, value FROM public.llx_const WHERE entity IN (0, 1) AND name = ANY($1::text[]) ORDER BY entity",
    [names],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value])) as Partial<Record<Name, string>>;
}

/** Whether PHP evaluates this text as true. */
export const isPhpTrue = (value: string | undefined): boolean => !["", "0"].includes(value ?? "");
