import { whyNoDolibarr } from "../support/erp.ts";
import { describeWholeDrill } from "./whole.ts";

const skip = await whyNoDolibarr();
describeWholeDrill("Dolibarr itself", "real", skip === undefined ? {} : { skip });
