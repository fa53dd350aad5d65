/** This tool's own version, written into each manifest and report. */
export const VERSION = "0.1.0";
