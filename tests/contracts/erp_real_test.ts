import { startErp, whyNoDolibarr } from "../support/erp.ts";
import { describeErp } from "./erp.ts";

const skip = await whyNoDolibarr();
describeErp("Dolibarr itself", () => startErp("real"), { skip });
