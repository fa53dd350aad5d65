import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { describeWrongSandbox } from "./wrong_sandbox.ts";

const skip = await whyNoDolibarr();
describeWrongSandbox("Dolibarr itself", "real", { skip });
