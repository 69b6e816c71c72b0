import assert from "node:assert/strict";
import { join } from "node:path";
import { dataDirectory } from "../../../lib/data/data_file.ts";
import {
  DATASET_NAMES,
  isPresent,
  loadDataset,
  loadDatasetOr,
  loadTestDataset,
} from "../../../lib/data/load_dataset.ts";
import { SOURCES } from "../../../lib/data/dataset_sources.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

/** The first that nobody has brought, for what happens then. */
const absent = DATASET_NAMES.find((name) => !isPresent(name));

Deno.test("loadDataset() loads Fashion-MNIST, which is always there", async () => {
  assert.equal(isPresent("fashion-mnist"), true);
  const dataset = await loadDataset("fashion-mnist");
  assert.equal(dataset.name, "fashion-mnist");
  assert.equal(dataset.validation, null);
  assert.deepEqual(dataset.remarks, []);
});

Deno.test("loadTestDataset() reads the test images alone", () =>
  inTemporaryDirectory(async (directory) => {
    const source = dataDirectory("fashion-mnist");
    for (const file of ["images-idx3", "labels-idx1"]) {
      const name = `t10k-${file}-ubyte.gz`;
      Deno.copyFileSync(join(source, name), join(directory, name));
    }
    const { train: _, validation: __, ...rest } = await loadDataset(
      "fashion-mnist",
    );
    assert.deepEqual(
      await loadTestDataset("fashion-mnist", { directory }),
      rest,
    );
    await assert.rejects(
      loadDataset("fashion-mnist", { directory }),
      /must hold train-images-idx3-ubyte.gz/,
    );
  }));

Deno.test("loadDataset() says which command brings a data set that is not there", () =>
  inTemporaryDirectory(async (directory) => {
    for (const name of DATASET_NAMES.slice(1)) {
      await assert.rejects(loadDataset(name, { directory }), {
        message:
          `Cannot load ${name}: ${name} is not there: deno task data ${name} brings it`,
      });
    }
  }));

Deno.test({
  name:
    "loadDatasetOr() takes Fashion-MNIST where the preferred is not there, and says so (skipped where all are there)",
  ignore: absent === undefined,
  async fn() {
    const { name, remarks } = await loadDatasetOr(null, absent!);
    assert.equal(name, "fashion-mnist");
    assert.deepEqual(remarks, [
      `${absent} is not there (deno task data ${absent} brings it): fashion-mnist is used instead`,
    ]);
  },
});

Deno.test({
  name:
    "loadDatasetOr() takes no other data set than one that was asked for (skipped where all are there)",
  ignore: absent === undefined,
  fn: () =>
    assert.rejects(
      loadDatasetOr(absent!, "fashion-mnist"),
      /^Error: Cannot load/,
    ),
});

Deno.test("loadDatasetOr() takes the preferred data set without a remark", async () => {
  const { name, remarks } = await loadDatasetOr(null, "fashion-mnist");
  assert.equal(name, "fashion-mnist");
  assert.deepEqual(remarks, []);
});

Deno.test({
  name: "loadDataset() loads MNIST (skipped where it is not in data/)",
  ignore: !isPresent("mnist"),
  async fn() {
    const { train, test, classNames, remarks } = await loadDataset("mnist");
    assert.deepEqual(classNames[7], "7");
    assert.deepEqual(remarks, []);
    // The counts of each digit and the first labels: LeCun et al.
    const counts = (labels: Int32Array) =>
      Array.from(
        { length: 10 },
        (_, digit) =>
          labels.reduce((sum, label) => sum + (label === digit ? 1 : 0), 0),
      );
    assert.deepEqual(
      counts(train.labels),
      [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    );
    assert.deepEqual(
      counts(test.labels),
      [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    );
    assert.deepEqual([...train.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
    // 0.1307 of the pixels / 255: the constant that programs normalize it with.
    let sum = 0;
    for (const pixel of train.images) sum += pixel;
    assert.equal((sum / train.images.length / 255).toFixed(4), "0.1307");
  },
});

Deno.test("SOURCES are https, have a checksum each, and a README that names it", () => {
  for (const [name, { files }] of Object.entries(SOURCES)) {
    const readme = Deno.readTextFileSync(
      new URL(`../../../data/${name}/README.md`, import.meta.url),
    );
    for (const { name, url, checksum: { algorithm, hex } } of files) {
      assert.equal(new URL(url).protocol, "https:");
      assert.match(
        hex,
        algorithm === "md5" ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/,
      );
      assert.ok(readme.includes(`${hex}  ${name}\n`), name);
    }
  }
});

Deno.test("the data task may reach the publishers' hosts", () => {
  const { permissions } = JSON.parse(
    Deno.readTextFileSync(new URL("../../../deno.json", import.meta.url)),
  );
  for (const { files } of Object.values(SOURCES)) {
    for (const { url } of files) {
      assert.ok(permissions.data.net.includes(new URL(url).host), url);
    }
  }
});

Deno.test("loadDataset() names the data sets where there is none of that name", async () => {
  await assert.rejects(
    loadDataset("cifar" as "cifar-10"),
    new RangeError(
      `Cannot load a data set: its name must be one of ${
        DATASET_NAMES.join(", ")
      }: got cifar`,
    ),
  );
});
