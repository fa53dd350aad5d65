import { startRadosgw, whyNoRadosgw } from "../support/s3/radosgw.ts";
import { openS3Store } from "../../src/store/drivers/s3/s3.ts";
import { describeLeases } from "./leases.ts";
import { describeStore, type StartedStore } from "./store.ts";

const skip = whyNoRadosgw();

async function startStore(): Promise<StartedStore> {
  await using started = new AsyncDisposableStack();
  const gateway = started.use(await startRadosgw());
  const bucket = await gateway.makeBucket("company-backup");
  const { endpoint, accessKey, secretKey } = gateway;
  const store = started.use(await openS3Store({ url: `s3://${bucket}/erp`, endpoint, accessKey, secretKey }));
  const resources = started.move();
  return { store, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describeStore("S3", startStore, skip);
describeLeases("S3", startStore, skip);
