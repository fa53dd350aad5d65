/** The progress of a step, as text and as a bar. Pure. */

import type { Unit } from "./reporter.ts";
import { formatBytes, formatCount, formatDuration, formatNumber } from "../numbers.ts";

interface Progress {
  done: number;
  total?: number;
  unit?: Unit;
  /** Since the step began. */
  ms: number;
}

/** Before that no time left is estimated. */
const ESTIMATED_AFTER_MS = 2_000;

/** `120 MB of 250 MB, 85 MB/s, 2 s left`; `12 of 277 tables`; empty where nothing is known. */
export function progressText({ done, total, unit, ms }: Progress): string {
  if (unit === undefined || (done === 0 && total === undefined)) return "";
  const amount = unit === "bytes" ? formatBytes : formatNumber;
  const parts = [
    total === undefined
      ? unit === "bytes" ? formatBytes(done) : formatCount(done, unit.slice(0, -1))
      : `${amount(done)} of ${unit === "bytes" ? formatBytes(total) : formatCount(total, unit.slice(0, -1))}`,
  ];
  const perMs = done / Math.max(ms, 1);
  if (unit === "bytes" && ms >= 500 && done > 0) parts.push(`${formatBytes(perMs * 1000)}/s`);
  if (total !== undefined && done > 0 && done < total && ms >= ESTIMATED_AFTER_MS) {
    parts.push(`${formatDuration(Math.max(1000, Math.round((total - done) / perMs / 1000) * 1000))} left`);
  }
  return parts.join(", ");
}

/** `━━━━━━────  60 %`, or empty where the total is not known. */
export function progressBar({ done, total }: Pick<Progress, "done" | "total">, width = 20): string {
  if (total === undefined || total <= 0) return "";
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * width);
  return `${"━".repeat(full)}${"─".repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}
