import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { describeWholeDrill } from "./whole.ts";

const skip = await whyNoDolibarr();
describeWholeDrill("Dolibarr itself", "real", { skip });
