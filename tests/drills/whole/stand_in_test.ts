import { describeWholeDrill } from "./whole.ts";

describeWholeDrill("the stand-in", "stand-in");
