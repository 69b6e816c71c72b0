import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { loadFashionMnist } from "../../../lib/data/fashion_mnist.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

const source = new URL("../../../data/fashion-mnist/", import.meta.url);
const fileNames = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

async function copyFiles(directory: string): Promise<void> {
  for (const name of fileNames) {
    const from = new URL(`${name}.gz`, source);
    await Deno.copyFile(from, join(directory, `${name}.gz`));
  }
}

function countLabels(labels: Int32Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

Deno.test({
  name: "loadFashionMnist() loads the published data with leave to read only",
  permissions: {
    read: [new URL(".", source)],
    write: false,
    net: false,
    env: false,
    sys: false,
    run: false,
    ffi: false,
  },
  async fn(t) {
    const { train, test, ...dataset } = await loadFashionMnist();

    await t.step("its sizes and names are the paper's", () => {
      assert.equal(dataset.name, "fashion-mnist");
      assert.deepEqual(
        [dataset.height, dataset.width, dataset.channels],
        [28, 28, 1],
      );
      assert.deepEqual([train.count, test.count], [60_000, 10_000]);
      assert.equal(dataset.numClasses, 10);
      assert.equal(dataset.classNames.length, 10);
      assert.equal(dataset.classNames[train.labels[0]!], "Ankle boot");
    });

    await t.step("its labels are those that the files begin with", () => {
      // `zcat train-labels-idx1-ubyte.gz | xxd -s 8 -l 10`, and of t10k.
      assert.deepEqual(
        [...train.labels.subarray(0, 10)],
        [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
      );
      assert.deepEqual(
        [...test.labels.subarray(0, 10)],
        [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
      );
    });

    await t.step("each class has 6,000 and 1,000 images", () => {
      assert.deepEqual(countLabels(train.labels), new Array(10).fill(6000));
      assert.deepEqual(countLabels(test.labels), new Array(10).fill(1000));
    });

    await t.step(
      "the training pixels have the known mean and deviation",
      () => {
        // 0.2860 and 0.3530 of the pixels / 255: the constants that PyTorch
        // programs normalize Fashion-MNIST with.
        const { images } = train;
        assert.equal(images.length, 60_000 * 28 * 28);
        let sum = 0;
        let sumOfSquares = 0;
        for (const pixel of images) {
          sum += pixel;
          sumOfSquares += pixel * pixel;
        }
        const mean = sum / images.length;
        const variance = sumOfSquares / images.length - mean ** 2;
        assert.equal((mean / 255).toFixed(4), "0.2860");
        assert.equal((Math.sqrt(variance) / 255).toFixed(4), "0.3530");
        assert.equal(test.images.length, 10_000 * 28 * 28);
      },
    );

    await t.step("its checksums are those in the data's README", async () => {
      const readme = await Deno.readTextFile(new URL("README.md", source));
      assert.deepEqual(Object.keys(dataset.sha256), fileNames);
      for (const [name, sha256] of Object.entries(dataset.sha256)) {
        assert.ok(readme.includes(`${sha256}  ${name}\n`));
      }
    });
  },
});

Deno.test("loadFashionMnist() reads plain files, and gzipped ones first", async () => {
  await inTemporaryDirectory(async (directory) => {
    await copyFiles(directory);
    for (const name of fileNames) {
      const path = join(directory, name);
      if (name.startsWith("train")) {
        await Deno.writeFile(path, gunzipSync(Deno.readFileSync(`${path}.gz`)));
        await Deno.remove(`${path}.gz`);
      } else {
        await Deno.writeTextFile(path, "a plain file that is not looked at");
      }
    }
    assert.deepEqual(
      await loadFashionMnist({ directory }),
      await loadFashionMnist(),
    );
  });
});

Deno.test("loadFashionMnist() names the file that is damaged, whichever it is", async () => {
  await inTemporaryDirectory(async (directory) => {
    await copyFiles(directory);
    for (const name of fileNames.toReversed()) {
      // The last value changes: only the checksum can tell.
      const path = join(directory, name);
      const content = gunzipSync(Deno.readFileSync(`${path}.gz`));
      content[content.length - 1]! ^= 1;
      await Deno.remove(`${path}.gz`);
      await Deno.writeFile(path, content);
      await assert.rejects(loadFashionMnist({ directory }), (error: Error) => {
        const start =
          `Cannot read ${path}: SHA-256 of the unpacked content must be `;
        assert.equal(error.message.slice(0, start.length), start);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
  });
});

Deno.test("loadFashionMnist() names the file that is truncated", async () => {
  await inTemporaryDirectory(async (directory) => {
    await copyFiles(directory);
    const path = join(directory, "train-labels-idx1-ubyte.gz");
    await Deno.truncate(path, 20_000);
    await assert.rejects(loadFashionMnist({ directory }), {
      message:
        `Cannot unpack ${path}: gzip data must be whole and undamaged: got unexpected end of file`,
    });
  });
});

Deno.test("loadFashionMnist() names the file that is missing", async () => {
  await inTemporaryDirectory(async (directory) => {
    await assert.rejects(loadFashionMnist({ directory }), {
      name: "Error",
      message:
        `Cannot load fashion-mnist: ${directory} must hold train-images-idx3-ubyte.gz or train-images-idx3-ubyte: got neither`,
    });
  });
});

Deno.test("loadFashionMnist() rejects a missing directory and a file in its place", async () => {
  await inTemporaryDirectory(async (parent) => {
    const directory = join(parent, "absent");
    await assert.rejects(loadFashionMnist({ directory }), {
      name: "Error",
      message:
        `Cannot load fashion-mnist: ${directory} must be a readable directory: got no such directory`,
    });
    await Deno.writeTextFile(directory, "");
    await assert.rejects(loadFashionMnist({ directory }), (error: Error) => {
      assert.match(error.message, /must be a readable directory: got .+$/);
      return true;
    });
  });
});
