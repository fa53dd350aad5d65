/** What the schema says about one place in the file. */

import type { z } from "zod";
import type { Path } from "../yaml_lines.ts";

type Schema = z.core.$ZodType;

/** The description of a schema. */
interface Meta {
  description?: string;
  examples?: unknown[];
}

/** The description at `path`, looking through `optional` and `default`. */
export function metaAt(schema: Schema, path: Path): Meta | undefined {
  for (const one of schemasAt(schema, path)) {
    for (let at: Schema | undefined = one; at; at = innerOf(at)) {
      const meta = (at as z.ZodType).meta?.();
      if (meta?.description) return meta as Meta;
    }
  }
  return undefined;
}

/** The keys of the map at `path`; of several forms, the keys of those that share one with `found`. */
export function knownKeys(schema: Schema, path: Path, found: unknown): string[] {
  const there = Object.keys(found ?? {});
  const forms = schemasAt(schema, path).flatMap((one) => formsOf(one)).map((one) =>
    Object.keys(shapeOf(one) ?? {})
  );
  const fitting = forms.filter((keys) => keys.some((key) => there.includes(key)));
  return [...new Set((fitting.length > 0 ? fitting : forms).flat())];
}

/** All schemas that `path` may lead to: a union leads to each of its forms. */
function schemasAt(schema: Schema, path: Path): Schema[] {
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  return formsOf(schema).flatMap((form) => {
    const next = childOf(form, String(key));
    return next ? schemasAt(next, rest) : [];
  });
}

function formsOf(schema: Schema): Schema[] {
  const inner = innerOf(schema);
  if (inner) return formsOf(inner);
  const def = schema._zod.def as { type: string; options?: Schema[] };
  return def.type === "union" ? (def.options ?? []).flatMap(formsOf) : [schema];
}

function innerOf(schema: Schema): Schema | undefined {
  return (schema._zod.def as { innerType?: Schema }).innerType;
}

function shapeOf(schema: Schema): Record<string, Schema> | undefined {
  return (schema._zod.def as { shape?: Record<string, Schema> }).shape;
}

function childOf(schema: Schema, key: string): Schema | undefined {
  const def = schema._zod.def as { valueType?: Schema; element?: Schema };
  return shapeOf(schema)?.[key] ?? def.valueType ?? def.element;
}
