import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { SOURCES } from "../../../lib/data/dataset_sources.ts";
import type { WantedFile } from "../../../lib/data/data_file.ts";
import { locateFiles } from "../../../lib/data/locate_files.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

/** What is found in a folder of these files, as paths from it, or the error. */
async function locate(
  name: keyof typeof SOURCES,
  paths: readonly string[],
  options: { files?: readonly WantedFile[] } = {},
): Promise<string[] | string> {
  let result: string[] | string = [];
  await inTemporaryDirectory((directory) => {
    for (const path of paths) {
      const file = join(directory, path);
      Deno.mkdirSync(dirname(file), { recursive: true });
      Deno.writeTextFileSync(file, path.endsWith("right") ? "right" : path);
    }
    try {
      const located = locateFiles(directory, {
        name,
        ...SOURCES[name],
        ...options,
      });
      result = located.map(({ path }) => relative(directory, path));
    } catch (error) {
      result = (error as Error).message.replaceAll(directory, "DIR");
    }
  });
  return result;
}

const MNIST = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];
const KAGGLE = MNIST.map((name) => name.replace("-idx", ".idx"));

Deno.test("locateFiles() finds MNIST under its publisher's, Kaggle's and torchvision's names", async () => {
  const layouts: [paths: string[], found: string[]][] = [
    [MNIST.map((name) => `${name}.gz`), MNIST.map((name) => `${name}.gz`)],
    [MNIST, MNIST],
    [KAGGLE, KAGGLE],
    [
      MNIST.map((name) => `${name.toUpperCase()}.GZ`),
      MNIST.map((name) => `${name.toUpperCase()}.GZ`),
    ],
    [ // Kaggle's archive has folders of such names too
      [...KAGGLE, ...MNIST.map((name) => `${name}/${name}`)],
      KAGGLE,
    ],
    [ // torchvision leaves both; the packed ones are the published ones
      MNIST.flatMap((name) => [`MNIST/raw/${name}`, `MNIST/raw/${name}.gz`]),
      MNIST.map((name) => `MNIST/raw/${name}.gz`),
    ],
    [
      MNIST.flatMap((name) => [`raw/${name}`, `__MACOSX/raw/${name}`]),
      MNIST.map((name) => `raw/${name}`),
    ],
    [ // right in the folder comes first
      [...MNIST.map((name) => `old/${name}.gz`), ...MNIST],
      MNIST,
    ],
  ];
  for (const [paths, found] of layouts) {
    assert.deepEqual(await locate("mnist", paths), found);
  }
});

Deno.test("locateFiles() takes the published files of two places, or says that there are two", async () => {
  const both = ["FashionMNIST/raw", "MNIST/raw"].flatMap((folder) =>
    MNIST.map((name) => `${folder}/${name}`)
  );
  assert.equal(
    await locate("mnist", both),
    "Cannot bring mnist: DIR must hold its files once: got them in DIR/FashionMNIST/raw and DIR/MNIST/raw",
  );
  const hex = // `printf right | sha256sum`
    "27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9";
  const checksum = { algorithm: "sha256", hex } as const;
  const files = [{ name: "right", checksum }];
  const paths = ["a/right", "b/right"];
  assert.equal(
    await locate("mnist", paths, { files }),
    "Cannot bring mnist: DIR must hold its files once: got them in DIR/a and DIR/b",
  );
  const one = [{ name: "x", aliases: ["right"], checksum }];
  assert.deepEqual(await locate("mnist", ["a/x", "b/right"], { files: one }), [
    "b/right",
  ]);
});

Deno.test("locateFiles() finds CIFAR-10's archive, or its batches, packed before plain", async () => {
  const batches = ["data_batch_1.bin", "test_batch.bin"];
  const inFolder = batches.map((name) => `cifar-10-batches-bin/${name}`);
  for (
    const [paths, found] of [
      [["cifar-10-binary.tar.gz", ...batches], ["cifar-10-binary.tar.gz"]],
      [["x/cifar-10-binary.tar", ...batches], ["x/cifar-10-binary.tar"]],
      [inFolder, inFolder],
      [["data_batch_1.bin", "data_batch_1.bin.gz"], ["data_batch_1.bin.gz"]],
      [[...inFolder, "cifar-10-batches-py/data_batch_1"], inFolder],
    ]
  ) {
    assert.deepEqual(await locate("cifar-10", paths!), found);
  }
});

Deno.test("locateFiles() says what is missing, and what stands there in its place", async () => {
  const missing =
    "Cannot bring mnist: DIR must hold train-images-idx3-ubyte.gz";
  for (
    const [paths, message] of [
      [[], `${missing}: got no such file`],
      [["a/b/c/train-images-idx3-ubyte.gz"], `${missing}: got no such file`],
      [[".a/train-images-idx3-ubyte.gz"], `${missing}: got no such file`],
      [["._train-images-idx3-ubyte.gz"], `${missing}: got no such file`],
      [
        ["x/archive.ZIP"],
        `${missing}: got x/archive.ZIP, which must be unpacked first`,
      ],
      [
        MNIST.slice(0, 3).map((name) => `raw/${name}`),
        "Cannot bring mnist: DIR/raw must hold t10k-labels-idx1-ubyte.gz: got no such file",
      ],
    ] as const
  ) {
    assert.equal(await locate("mnist", paths), message);
  }
  const archive =
    "Cannot bring cifar-10: DIR must hold cifar-10-binary.tar.gz: got ";
  const python = ", the version for Python, where the binary one is wanted";
  const matlab = ", the version for Matlab, where the binary one is wanted";
  for (
    const [path, what] of [
      ["cifar-10-python.tar.gz", python],
      ["cifar-10-batches-py/data_batch_1", python],
      ["data_batch_3", python],
      ["cifar-10-matlab.tar.gz", matlab],
      ["cifar-10-batches-mat/data_batch_1.mat", matlab],
    ] as const
  ) {
    assert.equal(await locate("cifar-10", [path]), archive + path + what);
  }
});

Deno.test("locateFiles() refuses a file, and nothing, in a folder's place", () =>
  inTemporaryDirectory((directory) => {
    const file = join(directory, "octmnist.npz");
    Deno.writeTextFileSync(file, "");
    const options = { name: "octmnist", ...SOURCES.octmnist };
    for (
      const [path, what] of [
        [file, "a file"],
        [`${file}s`, "nothing of that name"],
      ]
    ) {
      assert.throws(() => locateFiles(path!, options), {
        message: `Cannot bring octmnist: ${path} must be a folder: got ${what}`,
      });
    }
  }));
