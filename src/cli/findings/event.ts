/** A finding as a `finding` event (docs/events.md). Pure. */

import type { AgedFinding } from "../../checks/findings/age.ts";

export function findingEvent(
  { finding, check, since, nights, stillRightIn }: AgedFinding,
  environment: string,
): object {
  const { id, subject, sentence, with: compared, facts, document, accepted } = finding;
  return {
    event: "finding",
    environment,
    id,
    check,
    state: accepted ? "accepted" : "open",
    subject,
    sentence,
    with: compared,
    facts,
    document,
    accepted,
    since,
    nights,
    stillRightIn,
  };
}
