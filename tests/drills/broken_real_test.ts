import { whyNoDolibarr } from "../support/lab.ts";
import { describeBroken } from "./broken.ts";

const skip = await whyNoDolibarr();
describeBroken("Dolibarr itself", "real", { skip });
