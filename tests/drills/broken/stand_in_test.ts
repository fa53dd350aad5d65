import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { describeBroken } from "./lost_objects.ts";

// Where Dolibarr itself can be had, real_test.ts shows the same on it.
if (await whyNoDolibarr()) describeBroken("the stand-in", "stand-in");
