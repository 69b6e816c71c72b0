import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { cifarBatchOf } from "../lib/data/fixtures/write_cifar_10.ts";
import { idxOf } from "../lib/data/fixtures/write_idx.ts";
import { type TarEntry, tarOf } from "../lib/data/fixtures/write_tar.ts";
import { inTemporaryDirectory } from "../in_temporary_directory.ts";
import { finish, ROOT, splitWords } from "./run_task.ts";

/** The publisher's four files, where a machine for development has them. */
const SHARED = join(ROOT, "../shared/data/mnist");

/**
 * Runs `deno task data NAME --from FOLDER` in a project of its own.
 *
 * @param flags the data set's name, and flags behind it
 * @param files what the folder holds
 */
async function bring(
  flags: string,
  files: Readonly<Record<string, Uint8Array>>,
) {
  let result = { code: 0, stdout: "", stderr: "" };
  const brought: Record<string, Uint8Array> = {};
  await inTemporaryDirectory(async (directory) => {
    const from = join(directory, "Downloads");
    Deno.mkdirSync(from);
    for (const [path, bytes] of Object.entries(files)) {
      Deno.mkdirSync(dirname(join(from, path)), { recursive: true });
      Deno.writeFileSync(join(from, path), bytes);
    }
    const project = join(directory, "project");
    Deno.mkdirSync(project);
    result = await finish(
      new Deno.Command(Deno.execPath(), {
        args: splitWords(
          `run -q --no-prompt '--config=${ROOT}deno.json' -P=data ` +
            `--allow-write=data '${ROOT}scripts/data.ts' ` +
            `--from ../Downloads ${flags}`,
        ),
        cwd: project,
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    if (result.code !== 0) return;
    const place = join(project, "data", splitWords(flags)[0]!);
    for (const { name, isFile } of Deno.readDirSync(place)) {
      if (isFile) brought[name] = Deno.readFileSync(join(place, name));
    }
  });
  return { ...result, brought };
}

const IDX: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": idxOf([2, 28, 28], 9),
  "train-labels-idx1-ubyte": idxOf([2], 3),
  "t10k-images-idx3-ubyte": idxOf([1, 28, 28], 8),
  "t10k-labels-idx1-ubyte": idxOf([1], 4),
};
const renamed = (
  files: Readonly<Record<string, Uint8Array>>,
  rename: (name: string) => string,
) =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [rename(name), bytes]),
  );

Deno.test("data takes MNIST under Kaggle's and torchvision's names, and packs it", async () => {
  for (
    const files of [
      renamed(IDX, (name) => name.replace("-idx", ".idx")),
      renamed(IDX, (name) => `MNIST/raw/${name}`),
      {
        ...renamed(IDX, (name) => `raw/${name.toUpperCase()}`),
        "raw/.DS_Store": new Uint8Array(9),
      },
    ]
  ) {
    const refused = await bring("mnist", files);
    assert.match(
      refused.stderr,
      /^Cannot accept train-images.idx3-ubyte: its sha256 must be ba891046[0-9a-f]+: got [0-9a-f]{64} \(--unverified takes it all the same\)\n$/i,
    );
    assert.equal(refused.code, 1);
    const { code, stderr, stdout, brought } = await bring(
      "mnist --unverified",
      files,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /│ mnist +│ +4 │ no +│ +2 │ +— │ +1 │/);
    for (const [name, bytes] of Object.entries(IDX)) {
      assert.deepEqual(
        new Uint8Array(gunzipSync(brought[`${name}.gz`]!)),
        bytes,
      );
    }
  }
});

Deno.test({
  name:
    "data knows the published MNIST by its content (skipped where ../shared/data/mnist is not there)",
  ignore: !isThere(SHARED),
  async fn() {
    const files = Object.fromEntries(
      Object.keys(IDX).map((name) => [
        name.replace("-idx", ".idx"),
        new Uint8Array(gunzipSync(Deno.readFileSync(`${SHARED}/${name}.gz`))),
      ]),
    );
    const { code, stderr, stdout } = await bring("mnist", files);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /│ mnist +│ +4 │ yes +│ 60000 │ +— │ 10000 │/);
    assert.doesNotMatch(stdout, /not the published/);

    const labels = files["t10k-labels.idx1-ubyte"]!;
    labels[8] = 1; // the first digit, a 7
    const altered = await bring("mnist", files);
    assert.match(
      altered.stderr,
      /^Cannot accept t10k-labels.idx1-ubyte: its sha256 must be ff7bcfd4/,
    );
    assert.equal(altered.code, 1);
  },
});

Deno.test("data takes CIFAR-10's batches from the folder above theirs", async () => {
  const { code, stderr, stdout, brought } = await bring(
    "cifar-10 --unverified",
    {
      "cifar-10-batches-bin/data_batch_1.bin": cifarBatchOf([1, 2]),
      "cifar-10-batches-bin/test_batch.bin": cifarBatchOf([3]),
      "cifar-10-batches-bin/batches.meta.txt": new Uint8Array(9),
    },
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /│ cifar-10 +│ +2 │ no +│ +2 │ +— │ +1 │/);
  assert.deepEqual(brought["test_batch.bin"], cifarBatchOf([3]));
});

Deno.test("data takes CIFAR-10's archive as a Mac packs it, gzipped or not", async () => {
  const folder = "cifar-10-batches-bin";
  const batches = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`)
    .concat("test_batch.bin");
  const archive = tarOf([
    { path: `./._${folder}`, content: new Uint8Array(5) },
    { path: `./${folder}/`, type: "5" },
    { path: `./${folder}/.DS_Store`, content: new Uint8Array(5) },
    ...batches.flatMap((name, i): TarEntry[] => [
      { path: `./${folder}/._${name}`, content: new Uint8Array(5) },
      { path: `./${folder}/${name}`, content: cifarBatchOf([i]) },
    ]),
  ]);
  const packed = new Uint8Array(gzipSync(archive));
  for (
    const [path, bytes] of [
      ["cifar-10-binary.tar.gz", packed],
      ["x/cifar-10-binary.tar", archive],
    ] as const
  ) {
    const files = { [path]: bytes };
    const { code, stderr, stdout } = await bring(
      "cifar-10 --unverified",
      files,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /│ cifar-10 +│ +1 │ no +│ +5 │ +— │ +1 │/);
  }
});

Deno.test("data says in one line what stands where the files should be", async () => {
  const refused = async (name: string, path: string, message: string) => {
    const { code, stderr } = await bring(name, { [path]: new Uint8Array(5) });
    assert.equal(
      stderr,
      `Cannot bring ${name}: ../Downloads must ${message}\n`,
    );
    assert.equal(code, 1);
  };
  await refused(
    "cifar-10",
    "cifar-10-batches-py/data_batch_1",
    "hold cifar-10-binary.tar.gz: got cifar-10-batches-py/data_batch_1, the version for Python, where the binary one is wanted",
  );
  await refused(
    "mnist",
    "archive.zip",
    "hold train-images-idx3-ubyte.gz: got archive.zip, which must be unpacked first",
  );
  await refused(
    "octmnist",
    "octmnist_64.npz",
    "hold octmnist.npz: got no such file",
  );
});

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
