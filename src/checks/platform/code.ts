/** The check that the sandbox's code asks no other machine but where a rule of neutralising stands before it. */

import { formatCount, formatNumber } from "../../base/numbers.ts";
import type { Calls } from "../../dolibarr/outgoing/count.ts";
import { OUTGOING } from "../../dolibarr/outgoing/kinds.ts";
import { callsNotRead, searchCode } from "../../dolibarr/outgoing/search.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import type { DataContext } from "../data/context.ts";
import { outcomeOfFaults } from "../findings/outcome.ts";

const ID = "platform.code";

/** Run where the configuration names the sandbox's htdocs. */
export const codeOfSandbox: BooksCheck<DataContext> = {
  id: ID,
  part: "data",
  judges: "books",
  level: "standard",
  given: "the PHP code that the sandbox runs",
  title: "The code asks other machines only where a rule of neutralising stands before it",
  required: true,
  async run({ sandbox: { htdocs } }) {
    if (htdocs === undefined) throw nothingToCheck("no htdocs is configured for the sandbox");
    const searched = await searchCode(htdocs);
    const faults = callsNotRead(searched).map(faultOf);
    return outcomeOfFaults(faults, {
      check: ID,
      checked: searched.files,
      with: `the places in ${
        formatNumber(searched.files)
      } PHP files of ${htdocs} against those that were read in Dolibarr`,
      hint:
        "Read what that code does in a sandbox. Write rules for it into `neutralise` of the configuration, block the sandbox's network, or accept the finding",
    });
  },
  twin: {
    by: "a module of the company's own that asks a carrier by curl",
    changes: "nothing",
    async apply(context) {
      const htdocs = await Deno.makeTempDir({ prefix: "dolibarr-drill-" });
      await Deno.writeTextFile(`${htdocs}/carrier.php`, "<?php $answer = curl_init($address);\n");
      return { ...context, sandbox: { ...context.sandbox, htdocs } };
    },
  },
};

function faultOf({ file, kind, count }: Calls): Fault {
  const { does } = OUTGOING[kind];
  return {
    subject: file,
    kind,
    sentence: `${file} ${does} in ${formatCount(count, "place")} that no rule of neutralising was made for`,
    facts: { places: count },
  };
}
