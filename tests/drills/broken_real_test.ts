import { whyNoDolibarr } from "../support/erp.ts";
import { describeBroken } from "./broken.ts";

const skip = await whyNoDolibarr();
describeBroken("Dolibarr itself", "real", skip === undefined ? {} : { skip });
