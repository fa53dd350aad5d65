/**
 * The names of `@std/testing/bdd` on `Deno.test`: a top-level `describe` is a test, everything inside is a step.
 * `node:test` would serve them too, but under Deno its tests run without the sanitizers (a file or a timer left
 * open goes unseen), `t.skip()` counts as passed, and the reason of a skip is lost.
 * What each `it` came to is written to the file that DRILL_TEST_RECORDS names; scripts/test.ts counts there.
 */

import { type ItRecord, write } from "./records.ts";
import "./state_folder.ts";

type Body = (t: TestContext) => unknown;
type Hook = () => unknown;

/** What an `it` may ask of its run. */
export interface TestContext {
  readonly name: string;
  /** Says that this test could not be run here, and why. What it does after that still counts: return. */
  skip(reason: string): void;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
}

export interface Options {
  /** Why this is not run here; `false` or absent: it is run. */
  skip?: string | boolean;
  /** Limit in ms of one `it` or one hook. */
  timeout?: number;
  /** Of a top-level `describe` or `it`: do not look for timers and promises left open. */
  sanitizeOps?: boolean;
  /** Of a top-level `describe` or `it`: do not look for files, sockets and processes left open. */
  sanitizeResources?: boolean;
}

/** No test and no hook may take longer than that without saying so. */
const LIMIT_MS = 10 * 60_000;

interface Suite {
  name: string;
  options: Options;
  children: (Suite | Test)[];
  beforeAll: Hook[];
  afterAll: Hook[];
  beforeEach: Hook[];
  afterEach: Hook[];
}

interface Test {
  name: string;
  options: Options;
  body: Body;
}

/** The suite whose body is being read. */
let current: Suite | undefined;

function describeSuite(name: string, ...rest: [Hook] | [Options, Hook]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const suite: Suite = {
    name,
    options,
    children: [],
    beforeAll: [],
    afterAll: [],
    beforeEach: [],
    afterEach: [],
  };
  const parent = current;
  current = suite;
  try {
    if (body() instanceof Promise) {
      throw new TypeError(`describe("${name}") must not be async: use beforeAll`);
    }
  } finally {
    current = parent;
  }
  if (parent) parent.children.push(suite);
  else register(suite);
}

function declareTest(name: string, ...rest: [Body] | [Options, Body]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const test: Test = { name, options, body };
  if (current) current.children.push(test);
  else register(test);
}

/** A part of the specification; may be nested. `describe.skip` says that nothing in it is run. */
export const describe = Object.assign(describeSuite, {
  skip: (name: string, body: Hook) => describeSuite(name, { skip: true }, body),
});

/** One sentence of the specification. */
export const it = Object.assign(declareTest, {
  skip: (name: string, body: Body = () => {}) => declareTest(name, { skip: true }, body),
});

/** Once, before the first test of the suite that is run; its failure is the failure of all of them. */
export const beforeAll = (hook: Hook): void => void inSuite("beforeAll").beforeAll.push(hook);
/** Once, after the suite's last test, also when `beforeAll` failed. */
export const afterAll = (hook: Hook): void => void inSuite("afterAll").afterAll.push(hook);
export const beforeEach = (hook: Hook): void => void inSuite("beforeEach").beforeEach.push(hook);
export const afterEach = (hook: Hook): void => void inSuite("afterEach").afterEach.push(hook);

function inSuite(hook: string): Suite {
  if (!current) throw new TypeError(`${hook} stands outside of every describe`);
  return current;
}

function register(child: Suite | Test): void {
  const { sanitizeOps, sanitizeResources } = child.options;
  Deno.test({
    name: child.name,
    ...(sanitizeOps === undefined ? {} : { sanitizeOps }),
    ...(sanitizeResources === undefined ? {} : { sanitizeResources }),
    async fn(t) {
      declareAll(child, []);
      if ("children" in child) await runSuite(t, child, []);
      else if (isRun(child, [])) await runTest(child, []);
      else await skipTest(t, child, []);
    },
  });
}

/** All suites from the outermost to this one. */
type Chain = readonly Suite[];

async function runSuite(t: Deno.TestContext, suite: Suite, above: Chain): Promise<void> {
  const chain = [...above, suite];
  const runs = isRun(suite, above);
  const failures: unknown[] = [];
  const attempt = async (hooks: Hook[]) => {
    for (const hook of hooks) {
      try {
        await limited(async () => void await hook(), suite.options.timeout);
      } catch (error) {
        failures.push(error);
        return;
      }
    }
  };
  if (runs) await attempt(suite.beforeAll);
  const broken = failures[0];
  for (const child of suite.children) {
    if (broken !== undefined) failAll(child, chain, `beforeAll failed: ${textOf(broken)}`);
    else if ("children" in child) await t.step(child.name, (step) => runSuite(step, child, chain));
    else if (isRun(child, chain)) await t.step(child.name, () => runTest(child, chain));
    else await skipTest(t, child, chain);
  }
  if (runs) await attempt(suite.afterAll);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(textOf).join("; "));
}

async function skipTest(t: Deno.TestContext, test: Test, chain: Chain): Promise<void> {
  record(test, chain, "skip", reasonOf(test.options, ...[...chain].reverse().map((suite) => suite.options)));
  await t.step({ name: test.name, ignore: true, fn() {} });
}

async function runTest(test: Test, chain: Chain): Promise<void> {
  let skipped: string | undefined;
  const limit = test.options.timeout ?? chain.findLast((suite) => suite.options.timeout)?.options.timeout;
  try {
    try {
      for (const suite of chain) for (const hook of suite.beforeEach) await hook();
      await limited(
        async (signal) =>
          void await test.body({ name: test.name, signal, skip: (reason) => void (skipped = reason) }),
        limit,
      );
    } finally {
      for (const suite of [...chain].reverse()) for (const hook of suite.afterEach) await hook();
    }
  } catch (error) {
    record(test, chain, "fail", textOf(error));
    throw error;
  }
  record(test, chain, skipped === undefined ? "pass" : "skip", skipped);
}

/** Runs `body`, and fails when the time is up; the body's own promise is then left to its signal. */
async function limited(body: (signal: AbortSignal) => Promise<void>, limit = LIMIT_MS): Promise<void> {
  const controller = new AbortController();
  const timeUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`not finished after ${limit / 1000} s`);
    controller.abort(error);
    timeUp.reject(error);
  }, limit);
  try {
    await Promise.race([body(controller.signal), timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function isRun(child: Suite | Test, above: Chain): boolean {
  if (child.options.skip || above.some((suite) => suite.options.skip)) return false;
  return !("children" in child) || child.children.some((one) => isRun(one, []));
}

const reasonOf = (...options: Options[]): string =>
  options.map(({ skip }) => skip).find((skip) => typeof skip === "string") ?? "no reason is given";
const textOf = (error: unknown): string => error instanceof Error ? error.message : String(error);

function record(test: Test, chain: Chain, outcome: ItRecord["outcome"], why?: string): void {
  write({ path: [...chain.map((suite) => suite.name), test.name], file: Deno.mainModule, outcome, why });
}

/** Said before the first one is run, so that a test that never came to its end is missed. */
function declareAll(child: Suite | Test, chain: Chain): void {
  if (!("children" in child)) record(child, chain, "declared");
  else for (const one of child.children) declareAll(one, [...chain, child]);
}

function failAll(child: Suite | Test, chain: Chain, why: string): void {
  if (!("children" in child)) record(child, chain, isRun(child, chain) ? "fail" : "skip", why);
  else for (const one of child.children) failAll(one, [...chain, child], why);
}
