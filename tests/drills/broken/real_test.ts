import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { describeBroken } from "./lost_objects.ts";

const skip = await whyNoDolibarr();
describeBroken("Dolibarr itself", "real", { skip });
