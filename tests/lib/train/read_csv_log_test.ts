import assert from "node:assert/strict";
import { readCsvLog } from "../../../lib/train/read_csv_log.ts";

Deno.test("readCsvLog() names the file that is missing or cut off", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/metrics.csv`;
  assert.throws(() => readCsvLog(path), {
    message: `Cannot read ${path}: no such file or directory`,
  });
  Deno.writeTextFileSync(path, "net,epoch\na,1\na");
  assert.throws(() => readCsvLog(path), {
    message: new RegExp(`^Cannot read ${path}: invalid .* on line 3$`),
  });
  Deno.writeTextFileSync(path, "net,epoch\na,1\n");
  assert.deepEqual(readCsvLog(path), [{ net: "a", epoch: "1" }]);
  Deno.removeSync(directory, { recursive: true });
});
