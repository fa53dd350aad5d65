import { describeWrongSandbox } from "./wrong_sandbox.ts";

describeWrongSandbox("the stand-in", "stand-in");
