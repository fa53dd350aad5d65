/** What an S3 service, or the network, answered, as an error that says what to do. Pure; shows no secret. */

import { DrillError, type ErrorCode } from "../../../base/errors.ts";
import { formatDuration } from "../../../base/numbers.ts";
import { PROGRAM } from "../../../base/program_name.ts";

/** What is known of a failed request, whatever the library threw. */
export interface Failure {
  /** The service's code (`NoSuchBucket`), or the library's name for what failed (`TimeoutError`). */
  name: string;
  /** The status of the answer; 0 where there was none. */
  status: number;
  message: string;
  /** The system's code, where a connection failed: `ECONNREFUSED`. */
  system?: string;
}

/** What was being done, for the message: `Cannot read prod/db/20260630T155313Z.dump: ...`. */
interface Attempt {
  /** `read prod/db/20260630T155313Z.dump`, `list prod/` */
  action: string;
  /** The store's address and bucket. */
  url: string;
  endpoint: string;
  bucket: string;
  /** For how long it was tried again, in ms. */
  triedFor: number;
}

/** Reads what the SDK, node or the runtime threw. */
export function failureOf(thrown: unknown): Failure {
  const error = record(thrown);
  const cause = record(error.cause);
  const text = (value: unknown) => typeof value === "string" ? value : undefined;
  const status = record(error.$metadata).httpStatusCode;
  const system = text(error.code) ?? text(cause.code);
  const name = text(error.Code) ?? text(error.name) ?? "Error";
  return {
    name: name === "TimeoutError" && system && system !== "ETIMEDOUT" ? "Error" : name, // the SDK's name for a broken connection too
    status: typeof status === "number" ? status : 0,
    message: text(error.message) ?? String(thrown),
    system,
  };
}

/** Whether the same request may succeed later. One without an answer may: sending it twice does no harm. */
export function isPassing({ name, status, system }: Failure): boolean {
  if (PASSING.has(name)) return true;
  if (status === 0) return system !== undefined ? !LASTING.has(system) : CUT.test(name);
  return status === 429 || status >= 500 && name !== "NotImplemented" && status !== 507;
}

/** `BadDigest` and its like: the bytes were changed on the way, and the service refused them. */
const PASSING = new Set([
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "RequestTimeout",
  "SlowDown",
  "TimeoutError",
  "IncompleteBody",
]);
/** Unknown host names and wrong certificates: trying again does not help. */
const LASTING = new Set([
  "ENOTFOUND",
  "CERTIFICATE",
  "CERT_HAS_EXPIRED",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
const CUT = /^(Error|ConnectionReset|ConnectionRefused|BrokenPipe|UnexpectedEof|Http)$/;

interface Answer {
  code: ErrorCode;
  state: string;
  hint: string;
}

/** The failure as a DrillError. Its cause has only names and statuses: no part of a signature. */
export function storeErrorOf(failure: Failure, attempt: Attempt): DrillError {
  const { code, state, hint } = answerOf(failure, attempt);
  const { name, status, system, message } = failure;
  const technical = [name, status ? `HTTP ${status}` : system].filter(Boolean).join(", ");
  return new DrillError(code, `Cannot ${attempt.action}: ${state}`, hint, {
    cause: new Error(status === 403 || message === name ? technical : `${technical}: ${message}`),
  });
}

function answerOf(failure: Failure, attempt: Attempt): Answer {
  const { name, status, system } = failure;
  const { bucket, endpoint, triedFor } = attempt;
  const tries = triedFor > 1000 ? `, also after ${formatDuration(triedFor)} of trying again` : "";
  switch (name) {
    case "SignatureDoesNotMatch":
      return {
        code: "STORE_LOGIN",
        state: "the store refuses the secret key",
        hint:
          "Check the value of store.secret_key: it may be another key's secret, or have a blank too many.",
      };
    case "InvalidAccessKeyId":
      return {
        code: "STORE_LOGIN",
        state: "the store does not know the access key",
        hint: "Check the value of store.access_key: the key may have been removed or replaced.",
      };
    case "ExpiredToken":
    case "TokenRefreshRequired":
    case "InvalidToken":
      return {
        code: "STORE_LOGIN",
        state: "the keys have expired",
        hint: "Put new ones where store.access_key and store.secret_key point.",
      };
    case "RequestTimeTooSkewed":
    case "RequestExpired":
      return {
        code: "STORE_LOGIN",
        state: "the clocks of this machine and of the store differ too much",
        hint: `Set this machine's clock right; it says ${new Date().toISOString()}.`,
      };
    case "NoSuchBucket":
      return {
        code: "STORE_UNREACHABLE",
        state: `there is no bucket ${bucket} at ${endpoint}`,
        hint: "Check store.url and store.endpoint in the configuration; this tool never makes a bucket.",
      };
    case "NoSuchKey":
      return notThere;
    case "NoSuchUpload":
      return {
        code: "STORE_FAILED",
        state: "its upload was removed from the store while it was running",
        hint: "Check the lifecycle rules of the bucket, and run it again.",
      };
    case "QuotaExceeded":
    case "InsufficientCapacity":
    case "InsufficientStorage":
    case "XMinioStorageFull":
      return full;
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return {
        code: "STORE_FAILED",
        state: `the bucket ${bucket} is in another region`,
        hint: "Check store.region and store.endpoint in the configuration.",
      };
  }
  if (status === 507) return full;
  if (status === 401 || status === 403) {
    return {
      code: "STORE_FORBIDDEN",
      state: `the key may not do that in the bucket ${bucket}`,
      hint:
        "It needs to list, read, write and delete below store.url. Give it those rights, or name another key.",
    };
  }
  if (status === 404) return notThere;
  if (status === 429 || status === 503 || name === "SlowDown") {
    return {
      code: "STORE_UNREACHABLE",
      state: `the store is too busy (HTTP ${status})${tries}`,
      hint: "Run it again later; if it stays busy, check the limits of the service.",
    };
  }
  if (name === "TimeoutError" || name === "AbortError") {
    return {
      code: "STORE_UNREACHABLE",
      state: `${endpoint} did not answer in time${tries}`,
      hint: "Check the network, store.endpoint and the service.",
    };
  }
  if (name === "BadDigest" || name === "XAmzContentSHA256Mismatch") {
    return {
      code: "STORE_FAILED",
      state: `other bytes arrived at the store than were sent${tries}`,
      hint:
        "Something on the way to the store changes bytes: a proxy, or a broken network card. Nothing was stored.",
    };
  }
  if (status === 0 && system === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return {
      code: "STORE_UNREACHABLE",
      state: `${endpoint} answers without TLS, and the address says https`,
      hint: "Write http:// in store.endpoint if that is meant, or the port on which the service has TLS.",
    };
  }
  if (status === 0) {
    return {
      code: "STORE_UNREACHABLE",
      state: `${endpoint} cannot be reached, or the connection broke (${system ?? name})${tries}`,
      hint: "Check the network, store.endpoint and the service.",
    };
  }
  return {
    code: "STORE_FAILED",
    state: `the store answered ${name} (HTTP ${status})${tries}`,
    hint: "Check the service and its log.",
  };
}

const full: Answer = {
  code: "DISK_FULL",
  state: "the store is full",
  hint: "Make room there, or have its quota raised, and run it again; nothing was left under that name.",
};

const notThere: Answer = {
  code: "OBJECT_MISSING",
  state: "there is no such object in the store",
  hint: `List what is there: ${PROGRAM} list`,
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
