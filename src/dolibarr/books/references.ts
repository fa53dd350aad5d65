/** How a row of the books is named in a finding: the same every night, and no two alike. */

/**
 * SQL for the name of a row of the table `of` (an alias): its reference, with its entity before it where that is not the
 * first, `2/FA2511-0003`, and with its number where others of the entity have the same reference or it has none. It counts
 * the rows that the statement reads, so those must be all of the table.
 */
export const referenceSql = (of: string): string => {
  const ref = `coalesce(${of}.ref, '')`;
  return `CASE WHEN coalesce(${of}.entity, 1) = 1 THEN '' ELSE ${of}.entity || '/' END || ${ref}
    || CASE WHEN ${ref} = '' THEN 'row ' || ${of}.rowid
         WHEN count(*) OVER (PARTITION BY ${of}.entity, ${of}.ref) > 1 THEN ' (row ' || ${of}.rowid || ')' ELSE '' END`;
};
