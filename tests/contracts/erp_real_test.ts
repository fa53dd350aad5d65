import { startErp } from "../support/erp.ts";
import { whyNoDolibarr } from "../support/lab.ts";
import { describeErp } from "./erp.ts";

const skip = await whyNoDolibarr();
describeErp("Dolibarr itself", () => startErp("real"), { skip });
