/** Requests to one S3 service: each within its limits, tried again where that may help, failing with a DrillError. */

import { S3Client } from "@aws-sdk/client-s3";
import { DrillError } from "../../../base/errors.ts";
import { growing, limits, pauses } from "../../../base/limits.ts";
import { sleep } from "../../../base/time.ts";
import { failureOf, isPassing, storeErrorOf } from "./errors.ts";
import { type HttpLimits, requestHandler } from "./http.ts";
import { type SilenceLimits, watchSilence } from "./silence.ts";

/** Waits in ms; the named limits of the tool, or shorter ones in a test. */
export interface S3Limits extends HttpLimits, SilenceLimits {
  opens: number;
  isTriedAgain: number;
  cleansUp: number;
}

/** A value, or a function that reads it: called before each request, so that a renewed file is used at once. */
export type SecretValue = string | (() => string | Promise<string>);

export interface S3Address {
  bucket: string;
  /** In front of every key; empty, or with a slash at its end. */
  prefix: string;
  /** As in the configuration. */
  url: string;
  /** None: Amazon's own, by region. */
  endpoint?: string;
  region: string;
}

export interface S3Requests {
  readonly address: S3Address;
  readonly limits: S3Limits;
  /**
   * Sends what `request` makes, again after a while where that may help.
   *
   * @param action for the message: `read prod/db/20260630T155313Z.dump`.
   * @param signal ends it at once, with the signal's own reason.
   * @param triesFor in ms, where it is not the named limit.
   * @param quick its answer takes no longer than its way: one that is late is told of, and not only one that failed.
   * @throws DrillError
   */
  send<T>(
    action: string,
    request: (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>,
    signal?: AbortSignal,
    triesFor?: number,
    quick?: boolean,
  ): Promise<T>;
  /** What `send` would have thrown for this. */
  errorOf(thrown: unknown, action: string, triedFor?: number): DrillError;
  /** Waits before the try after the `failures`th failure in a row. */
  pause(failures: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

export function s3Requests(
  address: S3Address,
  keys: { accessKey: SecretValue; secretKey: SecretValue },
  shorter: Partial<S3Limits> = {},
  tell: (line: string) => void = () => {},
): S3Requests {
  const waits: S3Limits = {
    connects: limits.storeConnects,
    isSilent: limits.storeIsSilent,
    answers: limits.storeAnswers,
    opens: limits.storeOpens,
    isTriedAgain: limits.storeIsTriedAgain,
    cleansUp: limits.storeCleansUp,
    isTold: limits.storeIsTold,
    isToldAgain: limits.storeIsToldAgain,
    ...shorter,
  };
  const client = makeClient(address, keys, waits, false);
  const silence = watchSilence(`The store ${address.url}`, waits, tell);
  // A service that refuses a body may close the connection before it has read it, and its reason is lost. So the second try
  // asks first (Expect: 100-continue). Not the first try: a service that ignores this would cost 6 s before each part.
  let careful: S3Client | undefined;
  const endpoint = address.endpoint ?? `Amazon S3 in ${address.region}`;
  const errorOf = (thrown: unknown, action: string, triedFor = 0): DrillError => {
    const own = drillErrorIn(thrown);
    if (own) return own; // a key that could not be read
    const { url, bucket } = address;
    return storeErrorOf(failureOf(thrown), { action, url, bucket, endpoint, triedFor });
  };
  const pause = (failures: number, signal?: AbortSignal) =>
    sleep(growing(pauses.store, failures) * (0.5 + Math.random() / 2), signal);
  return {
    address,
    limits: waits,
    errorOf,
    pause,
    async send(action, request, signal, triesFor = waits.isTriedAgain, quick = false) {
      const began = performance.now();
      if (quick) silence.began(began);
      for (let failures = 1;; failures++) {
        try {
          signal?.throwIfAborted();
          const sender = failures === 1 ? client : careful ??= makeClient(address, keys, waits, true);
          const answer = await request(sender, { abortSignal: signal });
          silence.ended();
          return answer;
        } catch (error) {
          signal?.throwIfAborted();
          const triedFor = performance.now() - began;
          if (drillErrorIn(error) || !isPassing(failureOf(error)) || triedFor > triesFor) {
            silence[Symbol.dispose]();
            throw errorOf(error, action, failures > 1 ? triedFor : 0);
          }
          silence.began(began);
          await pause(failures, signal);
        }
      }
    },
    close() {
      silence[Symbol.dispose]();
      client.destroy();
      careful?.destroy();
    },
  };
}

/** Nothing of the machine's own AWS settings is used: everything is set here (docs/facts.md, "S3 services"). */
function makeClient(
  { endpoint, region }: S3Address,
  { accessKey, secretKey }: { accessKey: SecretValue; secretKey: SecretValue },
  waits: S3Limits,
  asksFirst: boolean,
): S3Client {
  return new S3Client({
    region,
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    forcePathStyle: endpoint !== undefined,
    credentials: async () => ({
      accessKeyId: await valueOf(accessKey),
      secretAccessKey: await valueOf(secretKey),
      expiration: new Date(0), // else it would be remembered for ever
    }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    defaultsMode: "legacy",
    expectContinueHeader: asksFirst ? 1024 * 1024 : false,
    maxAttempts: 1, // it is tried again here, where the limits are
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    requestHandler: requestHandler(waits),
  });
}

const valueOf = async (secret: SecretValue): Promise<string> =>
  typeof secret === "string" ? secret : await secret();

/** An error of ours that the library has passed on, as it is or wrapped. */
function drillErrorIn(thrown: unknown): DrillError | undefined {
  if (thrown instanceof DrillError) return thrown;
  return thrown instanceof Error && thrown.cause instanceof DrillError ? thrown.cause : undefined;
}
