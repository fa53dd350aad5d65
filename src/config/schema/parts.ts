/** The parts of the schema: texts, secrets, durations, each with a description and an example for messages. */

import { z } from "zod";
import { LONG_DURATION, SHORT_DURATION, TIME_LIMIT } from "../durations.ts";

/** `env:NAME`, `file:PATH`, `kubernetes:NAMESPACE/SECRET/KEY`. */
export const SECRET_REFERENCE =
  /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|kubernetes:[a-z0-9.-]+\/[a-z0-9.-]+\/[A-Za-z0-9._-]+)$/;
/** The message of a value that is no reference, and may be a secret. */
export const SECRET_FORMAT = "a reference: env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY";

export const text = (description: string, example: string) =>
  z.string().min(1).max(4096).meta({ description, examples: [example] });

export const pattern = (regex: RegExp, format: string, description: string, example: string) =>
  z.string().regex(regex, format).meta({ description, examples: [example] });

export const secret = (description: string, example: string) =>
  pattern(SECRET_REFERENCE, SECRET_FORMAT, description, example);

export const longDuration = (description: string, example: string) =>
  pattern(LONG_DURATION, "a duration like 30d, 12mo or 10y", description, example);

export const shortDuration = (description: string, example: string) =>
  pattern(SHORT_DURATION, "a duration in minutes, hours or days, like 15m, 26h or 2d", description, example);

export const timeLimit = (description: string, example: string) =>
  pattern(
    TIME_LIMIT,
    "a duration in seconds, minutes, hours or days, like 90s, 15m or 2h",
    description,
    example,
  );

export const command = (description: string, example: string[]) =>
  z.array(z.string().min(1)).min(1).meta({ description, examples: [example] });
