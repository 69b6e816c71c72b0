import assert from "node:assert/strict";
import { readAllParts } from "../../../lib/data/image_dataset.ts";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openCifar10 } from "../../../lib/data/_cifar_10.ts";
import { writeDatasetRecord } from "../../../lib/data/dataset_record.ts";
import {
  isPresent,
  loadDataset,
  loadTestDataset,
} from "../../../lib/data/load_dataset.ts";
import { sha256Of, unpackGzip } from "../../../lib/data/data_file.ts";
import { cifarBatchOf } from "./fixtures/write_cifar_10.ts";
import { type TarEntry, tarOf } from "./fixtures/write_tar.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

/** Opens it, and reads all of it. */
const loadCifar10 = async (...of: Parameters<typeof openCifar10>) =>
  await readAllParts(await openCifar10(...of));

const ARCHIVE = "cifar-10-binary.tar.gz";
const TEST_BATCH = cifarBatchOf([9, 0]);

/** Calls a test with a directory where `deno task data` has put the files. */
function withFiles(
  files: Readonly<Record<string, Uint8Array>>,
  test: (directory: string) => Promise<void>,
  isPublished = false,
): Promise<void> {
  return inTemporaryDirectory(async (directory) => {
    const record = Object.entries(files).map(([name, bytes]) => {
      Deno.writeFileSync(join(directory, name), bytes);
      const sha256 = sha256Of(unpackGzip(bytes, name));
      return [name, { sha256, isPublished }];
    });
    writeDatasetRecord(directory, Object.fromEntries(record));
    await test(directory);
  });
}

/** The published archive's entries in its order, with a few images each. */
const batchesOf = (archive: number[]): TarEntry[] =>
  archive.map((n) => ({
    path: `cifar-10-batches-bin/data_batch_${n}.bin`,
    content: cifarBatchOf([n, n]),
  }));
const FOLDER: TarEntry = { path: "cifar-10-batches-bin/", type: "5" };
const TEST: TarEntry = {
  path: "cifar-10-batches-bin/test_batch.bin",
  content: TEST_BATCH,
};
const README: TarEntry = {
  path: "cifar-10-batches-bin/readme.html",
  content: new Uint8Array([60]),
};
const ENTRIES = [FOLDER, ...batchesOf([1, 3, 4]), TEST, README].concat(
  batchesOf([5, 2]),
);

Deno.test("openCifar10() lets the test images be read where a training batch is damaged", () =>
  withFiles(
    { "test_batch.bin": TEST_BATCH, "data_batch_1.bin": cifarBatchOf([5]) },
    async (directory) => {
      Deno.writeFileSync(join(directory, "data_batch_1.bin"), TEST_BATCH);
      const { test, remarks } = await loadTestDataset("cifar-10", {
        directory,
      });
      assert.deepEqual([...test.labels], [9, 0]);
      assert.ok(!remarks.join().includes("training batches"));
      await assert.rejects(
        loadCifar10(directory),
        /data_batch_1\.bin: SHA-256/,
      );
    },
  ));

Deno.test("openCifar10() makes pixels of the planes, the batches in their order", () => {
  const second = cifarBatchOf([3, 1]), fourth = cifarBatchOf([7]);
  return withFiles(
    {
      "test_batch.bin": TEST_BATCH,
      "data_batch_4.bin": fourth,
      "data_batch_2.bin.gz": gzipSync(second),
    },
    async (directory) => {
      const { train, test, ...dataset } = await loadCifar10(directory);
      const start = (bytes: Uint8Array) => `${sha256Of(bytes).slice(0, 16)}…`;
      assert.deepEqual(dataset, {
        name: "cifar-10",
        height: 32,
        width: 32,
        channels: 3,
        numClasses: 10,
        // cifar.html; batches.meta.txt has them in this order.
        classNames:
          "airplane automobile bird cat deer dog frog horse ship truck"
            .split(" "),
        validation: null,
        sha256: {
          "data_batch_2.bin": sha256Of(second),
          "data_batch_4.bin": sha256Of(fourth),
          "test_batch.bin": sha256Of(TEST_BATCH),
        },
        remarks: [
          `test_batch.bin is not the published file: SHA-256 ${
            start(TEST_BATCH)
          }`,
          `data_batch_4.bin is not the published file: SHA-256 ${
            start(fourth)
          }`,
          `data_batch_2.bin.gz is not the published file: SHA-256 ${
            start(second)
          }`,
          "cifar-10 has 2 of its 5 training batches: 3 images",
        ],
      });
      assert.deepEqual([...train.labels], [3, 1, 7]);
      assert.deepEqual([...test.labels], [9, 0]);
      for (const { images, labels, count } of [train, test]) {
        assert.equal(count, labels.length);
        assert.equal(images.length, count * 32 * 32 * 3);
        labels.forEach((label, n) => {
          for (let y = 0; y < 32; y++) {
            for (let x = 0; x < 32; x++) {
              const at = ((n * 32 + y) * 32 + x) * 3;
              assert.deepEqual(
                [...images.subarray(at, at + 3)],
                [32 * (y % 8) + x, Math.floor(y / 8), 100 + label],
              );
            }
          }
        });
      }
    },
  );
});

Deno.test("openCifar10() reads the published archive, without a remark and without unpacking it", () =>
  withFiles(
    { [ARCHIVE]: gzipSync(tarOf(ENTRIES)) },
    async (directory) => {
      const { train, test, remarks, sha256 } = await loadCifar10(directory);
      assert.deepEqual([...train.labels], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
      assert.deepEqual([...test.labels], [9, 0]);
      assert.deepEqual([...train.images.subarray(-3)], [255, 3, 105]);
      assert.deepEqual(remarks, []);
      assert.equal(sha256["data_batch_3.bin"], sha256Of(cifarBatchOf([3, 3])));
      assert.equal(Object.keys(sha256).length, 6);
      assert.deepEqual(
        [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
        [ARCHIVE, "files.json"],
      );
    },
    true,
  ));

Deno.test("openCifar10() refuses an archive that lacks a batch, is cut or leads elsewhere", async () => {
  const refused = (bytes: Uint8Array, reason: string) =>
    withFiles({ [ARCHIVE]: gzipSync(bytes) }, async (directory) => {
      const path = join(directory, ARCHIVE);
      await assert.rejects(loadCifar10(directory), {
        message: `Cannot unpack ${path}: ${reason}`,
      });
      assert.equal([...Deno.readDirSync(directory)].length, 2);
    });
  await refused(
    tarOf([FOLDER, ...batchesOf([1, 2, 3, 5]), TEST]),
    "it must hold cifar-10-batches-bin/data_batch_4.bin: got no such file",
  );
  await refused(
    tarOf(ENTRIES).subarray(0, 30_000),
    "tar data must be whole and undamaged: got Unexpected end of data",
  );
  await refused(
    tarOf([...ENTRIES, { path: "../outside.bin", content: TEST_BATCH }]),
    'it must hold nothing but files right in cifar-10-batches-bin/: got the file "../outside.bin"',
  );
});

Deno.test("openCifar10() refuses each kind of bad batch in one line", async () => {
  const good = cifarBatchOf([1, 2]);
  const refused = (
    name: string,
    bytes: Uint8Array,
    message: (path: string) => string,
  ) =>
    withFiles(
      { "data_batch_1.bin": good, "test_batch.bin": good, [name]: bytes },
      (directory) =>
        assert.rejects(loadCifar10(directory), {
          name: "SyntaxError",
          message: message(join(directory, name)),
        }),
    );
  for (const length of [0, 1, 3072, 3074, 6145]) {
    await refused(
      "data_batch_1.bin",
      good.subarray(0, length),
      (path) =>
        `Cannot parse ${path}: it must hold whole records of 3073 bytes: got ${length} bytes`,
    );
  }
  await refused(
    "test_batch.bin",
    cifarBatchOf([9, 10]),
    (path) => `Cannot parse ${path}: labels must be 0 to 9: got 10 in record 2`,
  );
});

Deno.test("openCifar10() says what is missing, and what has changed since it was brought", async () => {
  await inTemporaryDirectory((directory) =>
    assert.rejects(loadCifar10(directory), {
      message:
        `Cannot load cifar-10: cifar-10 is not there: deno task data cifar-10 brings it`,
    })
  );
  const lacking = (files: Record<string, Uint8Array>, found: string) =>
    withFiles(files, (directory) =>
      assert.rejects(loadCifar10(directory), {
        message:
          `Cannot load cifar-10: ${directory} must hold test_batch.bin and a training batch: got ${found}`,
      }));
  await lacking({}, "no batch");
  await lacking({ "test_batch.bin": TEST_BATCH }, "test_batch.bin");
  await lacking({ "data_batch_5.bin": TEST_BATCH }, "data_batch_5.bin");

  await withFiles(
    { "data_batch_1.bin": TEST_BATCH, "test_batch.bin": TEST_BATCH },
    async (directory) => {
      const path = join(directory, "test_batch.bin");
      Deno.writeFileSync(path, cifarBatchOf([9, 1]));
      await assert.rejects(loadCifar10(directory), {
        message:
          `Cannot read ${path}: SHA-256 of the unpacked content must be ${
            sha256Of(TEST_BATCH)
          }: got ${sha256Of(cifarBatchOf([9, 1]))}`,
      });
    },
  );
});

/**
 * Of batches in the wild: SHA-256, the counts of each class, the first labels
 * and SHA-256 of the pixels [10000, 32, 32, 3], by numpy:
 *
 *   b = np.fromfile(name, np.uint8).reshape(-1, 3073)
 *   x = b[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
 *   x = np.ascontiguousarray(x)
 *   np.bincount(b[:, 0]), b[:5, 0], hashlib.sha256(x).hexdigest()
 */
const GOLDEN = {
  "data_batch_1.bin": {
    sha256: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    counts: [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981],
    labels: [6, 9, 9, 4, 1],
    pixels: "fc115a3de050d667b88cbd5b0b9612ebf996c54230fe7758f3a14bb5af9a1c27",
  },
  "test_batch.bin": {
    sha256: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    // cifar.html: exactly 1,000 of each class
    counts: Array(10).fill(1000),
    labels: [3, 8, 8, 0, 6],
    pixels: "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
  },
};

Deno.test({
  name:
    "loadDataset() has numpy's pixels of CIFAR-10 (skipped where it is not in data/)",
  ignore: !isPresent("cifar-10"),
  async fn() {
    const { train, test, sha256 } = await loadDataset("cifar-10");
    const size = 10_000;
    for (const [name, golden] of Object.entries(GOLDEN)) {
      if (sha256[name] === undefined) continue; // a part of the set
      assert.equal(sha256[name], golden.sha256);
      const { images, labels } = name === "test_batch.bin" ? test : train;
      const ids = labels.subarray(0, size);
      assert.deepEqual([...ids.subarray(0, 5)], golden.labels);
      assert.deepEqual(
        golden.counts.map((_, id) => ids.filter((one) => one === id).length),
        golden.counts,
      );
      const pixels = images.subarray(0, size * 32 * 32 * 3);
      assert.equal(sha256Of(pixels), golden.pixels);
    }
  },
});
