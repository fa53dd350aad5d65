/// <reference lib="deno.worker" />
/** A long text in which much looks like the beginning of an address with a password, and nothing is one. */

import { withoutCredentials } from "../../../src/base/text.ts";

const text = "a.".repeat(1_000_000) + "://" + "?token".repeat(200_000);
self.postMessage(withoutCredentials(text) === text);
