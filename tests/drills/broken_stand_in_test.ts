import { describeBroken } from "./broken.ts";

describeBroken("the stand-in", "stand-in");
