import assert from "node:assert/strict";
import {
  readDatasetRecord,
  recordRemarks,
  requireDatasetRecord,
  writeDatasetRecord,
} from "../../../lib/data/dataset_record.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

const record = {
  "a.gz": { sha256: "0123456789abcdef".repeat(4), isPublished: true },
  "b.npz": { sha256: "fedcba9876543210".repeat(4), isPublished: false },
};

Deno.test("readDatasetRecord() reads back what writeDatasetRecord() wrote", () =>
  inTemporaryDirectory((directory) => {
    assert.equal(readDatasetRecord(directory), null);
    assert.equal(readDatasetRecord(`${directory}/absent`), null);
    writeDatasetRecord(directory, record);
    assert.deepEqual(readDatasetRecord(directory), record);
    assert.deepEqual(
      [...Deno.readDirSync(directory)].map(({ name }) => name),
      ["files.json"],
    );
  }));

Deno.test("requireDatasetRecord() says which command brings what is missing", () =>
  inTemporaryDirectory((directory) => {
    const missing = (what: string) => ({
      message: `Cannot load x: ${what}: deno task data x brings it`,
    });
    assert.throws(
      () => requireDatasetRecord(directory, "x", ["a.gz"]),
      missing("x is not there"),
    );
    writeDatasetRecord(directory, record);
    assert.throws(
      () => requireDatasetRecord(directory, "x", ["a.gz", "c.gz"]),
      missing(`c.gz is not in ${directory}`),
    );
    const { "a.gz": a } = requireDatasetRecord(directory, "x", ["a.gz"]);
    assert.deepEqual(a, record["a.gz"]);
  }));

Deno.test("readDatasetRecord() refuses what is no such record", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/files.json`;
    const { sha256 } = record["a.gz"];
    const others = [
      "null",
      "3",
      "[1]",
      '{"a": 1}',
      '{"a": null}',
      JSON.stringify({ a: { sha256 } }),
      JSON.stringify({ a: { sha256: sha256.slice(1), isPublished: true } }),
      JSON.stringify({ a: { sha256, isPublished: "yes" } }),
    ];
    for (const text of [...others, "{", ""]) {
      Deno.writeTextFileSync(path, text);
      const got = others.includes(text) ? "other JSON" : "no JSON";
      assert.throws(() => readDatasetRecord(directory), {
        message:
          `Cannot read ${path}: it must be as deno task data writes it: got ${got}`,
      });
    }
  }));

Deno.test("recordRemarks() names each file that is not the published one", () => {
  assert.deepEqual(recordRemarks(record), [
    "b.npz is not the published file: SHA-256 fedcba9876543210…",
  ]);
});
