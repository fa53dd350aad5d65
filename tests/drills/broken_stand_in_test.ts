import { whyNoDolibarr } from "../support/lab.ts";
import { describeBroken } from "./broken.ts";

// Where Dolibarr itself can be had, broken_real_test.ts shows the same on it.
if (await whyNoDolibarr()) describeBroken("the stand-in", "stand-in");
