import { fixedMasterKeys } from "../../../src/store/master-keys.ts";
import { rotate } from "../../../src/store/rotate.ts";
import { openStore } from "../../../src/store/store.ts";

// A rotation in batches of ten, each of which it tells.
const [url = "", current = "", earlier = ""] = process.argv.slice(2);
const store = await openStore({ url, poolSize: 2 });
const masterKeys = fixedMasterKeys(Buffer.from(current, "base64"), [Buffer.from(earlier, "base64")]);
await rotate(store, masterKeys, {
  batchSize: 10,
  onProgress: (rewrapped) => void process.stdout.write(`${rewrapped}\n`),
});
await store.close(true);
