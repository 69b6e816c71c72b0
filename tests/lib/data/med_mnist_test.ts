import assert from "node:assert/strict";
import { readAllParts } from "../../../lib/data/image_dataset.ts";
import { join } from "node:path";
import { isPresent, loadDataset } from "../../../lib/data/load_dataset.ts";
import { openMedMnist } from "../../../lib/data/_med_mnist.ts";
import { sha256Of } from "../../../lib/data/data_file.ts";
import { writeDatasetRecord } from "../../../lib/data/dataset_record.ts";
import { npyOf, zipOf } from "./fixtures/write_npz.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

/** Opens it, and reads all of it. */
const loadMedMnist = async (...of: Parameters<typeof openMedMnist>) =>
  await readAllParts(await openMedMnist(...of));

const file = "pneumoniamnist.npz";
/** `sha256sum golden/pneumoniamnist.npz`. */
const SHA256 =
  "6cbc0a8a41f6ea0f13aa1eec76d53a518cee621bd0ed58a13767afcf81139d43";
const golden = Deno.readFileSync(new URL(`golden/${file}`, import.meta.url));

/** Calls a test with a directory where `deno task data` has put the file. */
function withFile(
  bytes: Uint8Array,
  test: (directory: string) => Promise<void>,
  isPublished = true,
): Promise<void> {
  return inTemporaryDirectory(async (directory) => {
    Deno.writeFileSync(join(directory, file), bytes);
    const sha256 = sha256Of(bytes);
    writeDatasetRecord(directory, { [file]: { sha256, isPublished } });
    await test(directory);
  });
}

Deno.test("openMedMnist() loads a file in MedMNIST's form, written by numpy", () =>
  withFile(golden, async (directory) => {
    const { train, validation, test, ...dataset } = await loadMedMnist(
      "pneumoniamnist",
      directory,
    );
    assert.deepEqual(dataset, {
      name: "pneumoniamnist",
      height: 28,
      width: 28,
      channels: 1,
      numClasses: 2,
      classNames: ["normal", "pneumonia"],
      sha256: { [file]: SHA256 },
      remarks: [],
    });
    const splits = [train, validation!, test];
    assert.deepEqual(splits.map(({ count }) => count), [3, 1, 2]);
    assert.deepEqual(
      splits.map(({ labels }) => [...labels]),
      [[1, 0, 1], [0], [1, 1]],
    );
    // What golden/make_arrays.py says of the pixels.
    for (const { images, count } of splits) {
      assert.equal(images.length, count * 784);
      images.forEach((pixel, i) => {
        const image = Math.floor(i / 784);
        assert.equal(pixel, i % 784 === 0 ? 1 : 10 + image);
      });
    }
  }));

Deno.test("openMedMnist() knows OctMNIST's classes in the order of their labels", () =>
  inTemporaryDirectory(async (directory) => {
    const members = ["train", "val", "test"].flatMap((prefix) => [
      [
        `${prefix}_images.npy`,
        npyOf({ shape: [1, 28, 28], values: new Uint8Array(784) }),
      ] as const,
      [`${prefix}_labels.npy`, npyOf({ shape: [1, 1], values: [3] })] as const,
    ]);
    const bytes = await zipOf(Object.fromEntries(members));
    Deno.writeFileSync(join(directory, "octmnist.npz"), bytes);
    writeDatasetRecord(directory, {
      "octmnist.npz": { sha256: sha256Of(bytes), isPublished: true },
    });
    const dataset = await loadMedMnist("octmnist", directory);
    assert.deepEqual([...dataset.test.labels], [3]);
    // MedMNIST/MedMNIST, medmnist/info.py, "label".
    assert.deepEqual(dataset.classNames, [
      "choroidal neovascularization",
      "diabetic macular edema",
      "drusen",
      "normal",
    ]);
  }));

Deno.test("openMedMnist() remarks that a file is not the published one", () =>
  withFile(golden, async (directory) => {
    const { remarks } = await loadMedMnist("pneumoniamnist", directory);
    assert.deepEqual(remarks, [
      `${file} is not the published file: SHA-256 ${SHA256.slice(0, 16)}…`,
    ]);
  }, false));

Deno.test("openMedMnist() refuses a file that has changed since it was brought", () =>
  withFile(golden, async (directory) => {
    Deno.writeFileSync(join(directory, file), golden.subarray(0, -1));
    await assert.rejects(
      loadMedMnist("pneumoniamnist", directory),
      new RegExp(
        `^Error: Cannot read ${directory}/${file}: SHA-256 of the unpacked content must be ${SHA256}: got [0-9a-f]{64}$`,
      ),
    );
    Deno.removeSync(join(directory, file));
    await assert.rejects(loadMedMnist("pneumoniamnist", directory), {
      message:
        `Cannot read ${directory}/${file}: file must exist and be readable: got no such file`,
    });
  }));

Deno.test("openMedMnist() says which command brings what is missing", () =>
  inTemporaryDirectory(async (directory) => {
    await assert.rejects(loadMedMnist("octmnist", directory), {
      message:
        `Cannot load octmnist: octmnist is not there: deno task data octmnist brings it`,
    });
    writeDatasetRecord(directory, {});
    await assert.rejects(loadMedMnist("octmnist", directory), {
      message:
        `Cannot load octmnist: octmnist.npz is not in ${directory}: deno task data octmnist brings it`,
    });
  }));

Deno.test("openMedMnist() refuses each kind of bad file in one line", async () => {
  const image = (shape: number[], rest: object = {}) =>
    npyOf({
      shape,
      values: new Uint8Array(shape.reduce((product, size) => product * size)),
      ...rest,
    });
  const label = (value: number) => npyOf({ shape: [1, 1], values: [value] });
  const whole = Object.fromEntries(
    ["train", "val", "test"].flatMap((name) => [
      [`${name}_images.npy`, image([1, 28, 28])],
      [`${name}_labels.npy`, label(1)],
    ]),
  );
  const refused = async (
    changed: Record<string, Uint8Array>,
    message: (path: string) => string,
  ) =>
    await withFile(
      await zipOf({ ...whole, ...changed }),
      (directory) =>
        assert.rejects(loadMedMnist("pneumoniamnist", directory), {
          message: message(join(directory, file)),
        }),
    );

  await refused(
    { "val_images.npy": image([1, 28, 28, 3]) },
    (path) =>
      `Cannot load val of ${path}: images must have the shape count×28×28: got 1×28×28×3`,
  );
  await refused(
    { "train_images.npy": image([1, 28, 28], { fortran: true }) },
    (path) =>
      `Cannot parse train_images.npy of ${path}: values must be in C's order, rows first: got Fortran's order`,
  );
  await refused(
    { "test_images.npy": image([98], { type: "|O" }) },
    (path) =>
      `Cannot parse test_images.npy of ${path}: values must be |u1, <i4, <i8: got |O, Python objects`,
  );
  await refused(
    {
      "test_images.npy": image([784 * 4], { type: "<i4", shape: [1, 28, 28] }),
    },
    (path) =>
      `Cannot load test of ${path}: pixels must be unsigned bytes: got Int32`,
  );
  await refused(
    { "test_labels.npy": label(2) },
    (path) => `Cannot load test of ${path}: labels must be 0 to 1: got 2`,
  );
  await refused(
    { "test_labels.npy": npyOf({ shape: [2], values: [0, 1] }) },
    (path) =>
      `Cannot load test of ${path}: labels must have the images' count 1: got 2`,
  );
  const { "val_labels.npy": _, ...lacking } = whole;
  await withFile(
    await zipOf(lacking),
    (directory) =>
      assert.rejects(loadMedMnist("pneumoniamnist", directory), {
        message: `Cannot read ${
          join(directory, file)
        }: it must hold val_labels.npy: got train_images.npy, train_labels.npy, val_images.npy, test_images.npy, test_labels.npy`,
      }),
  );
  await withFile(
    golden.subarray(0, 600),
    (directory) =>
      assert.rejects(loadMedMnist("pneumoniamnist", directory), {
        message: `Cannot unpack ${
          join(directory, file)
        }: zip data must be whole and undamaged: got End of central directory not found`,
      }),
  );
});

Deno.test({
  name: "loadDataset() loads PneumoniaMNIST (skipped where it is not in data/)",
  ignore: !isPresent("pneumoniamnist"),
  async fn() {
    const { train, validation, test } = await loadDataset("pneumoniamnist");
    // MedMNIST/MedMNIST, medmnist/info.py, "n_samples".
    assert.deepEqual(
      [train.count, validation?.count, test.count],
      [4708, 524, 624],
    );
    // The share of pneumonia in the source (Kermany et al. 2018): 3,883 of its
    // 5,232 training and 390 of its 624 test images.
    const sick = (labels: Int32Array) => labels.reduce((sum, one) => sum + one);
    assert.equal(sick(train.labels) + sick(validation!.labels), 3883);
    assert.equal(sick(test.labels), 390);
  },
});
