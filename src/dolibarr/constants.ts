/** Dolibarr's settings (`llx_const`), as the first entity has them. */

import type { Session } from "../postgres/connection/session.ts";

/** The value of each of these settings that is there; an entity's own wins over that of all (`Conf::setValues`, 22.0.4). */
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

/** As PHP takes a text for true. */
export const isPhpTrue = (value: string | undefined): boolean => !["", "0"].includes(value ?? "");
