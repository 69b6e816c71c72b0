import type { Checksum, WantedFile } from "./data_file.ts";
import { CIFAR_10_BATCHES } from "./_cifar_10.ts";
import { IDX_FILES } from "./_mnist.ts";
import type { DatasetName } from "./load_dataset.ts";
import type { OtherForm } from "./locate_files.ts";

/** A file with its address and its checksum. */
export interface SourceFile extends WantedFile {
  readonly url: string;
  readonly checksum: Checksum;
}

/** Where a data set comes from. */
export interface DatasetSource {
  /** The files that make up the set, all of them needed. */
  readonly files: readonly SourceFile[];
  /** Files without a checksum that may stand for them. */
  readonly parts?: readonly WantedFile[];
  /** What it also comes as, and cannot be read. */
  readonly others?: readonly OtherForm[];
}

/**
 * MNIST's publisher gives no checksums and lets nobody in: the address is the
 * mirror that torchvision uses (torchvision/datasets/mnist.py), the checksums
 * are TensorFlow Datasets' (url_checksums/mnist.txt).
 */
const MNIST_SHA256 = {
  "train-images-idx3-ubyte":
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  "train-labels-idx1-ubyte":
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  "t10k-images-idx3-ubyte":
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  "t10k-labels-idx1-ubyte":
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
};

/** The unpacked content of MNIST's files, which also come without packing. */
const MNIST_CONTENT_SHA256 = {
  "train-images-idx3-ubyte":
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte":
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte":
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte":
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

/** Where the data sets come from that are not part of the project. */
export const SOURCES: Readonly<
  Record<Exclude<DatasetName, "fashion-mnist">, DatasetSource>
> = {
  mnist: {
    files: IDX_FILES.map((file) => ({
      name: `${file}.gz`,
      // torchvision keeps them unpacked in MNIST/raw; Kaggle has .idx3-ubyte.
      aliases: [file, file.replace("-idx", ".idx")]
        .flatMap((name) => [`${name}.gz`, name]),
      contentSha256: MNIST_CONTENT_SHA256[file],
      url: `https://ossci-datasets.s3.amazonaws.com/mnist/${file}.gz`,
      checksum: { algorithm: "sha256", hex: MNIST_SHA256[file] },
    })),
  },
  octmnist: medMnist("octmnist", "c68d92d5b585d8d81f7112f81e2d0842"),
  pneumoniamnist: medMnist(
    "pneumoniamnist",
    "28209eda62fecd6e6a2d98b1501bb15f",
  ),
  // www.cs.toronto.edu/~kriz/cifar.html
  "cifar-10": {
    files: [{
      name: "cifar-10-binary.tar.gz",
      aliases: ["cifar-10-binary.tgz", "cifar-10-binary.tar"],
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      checksum: { algorithm: "md5", hex: "c32a1d4ab5d03f1284b67883e8d87530" },
    }],
    parts: CIFAR_10_BATCHES.flatMap((
      name,
    ) => [{ name: `${name}.gz` }, { name }]),
    others: [{
      pattern: /^(cifar-10-python.*|data_batch_\d)$/i,
      is: "the version for Python, where the binary one is wanted",
    }, {
      pattern: /^(cifar-10-matlab.*|data_batch_\d\.mat)$/i,
      is: "the version for Matlab, where the binary one is wanted",
    }],
  },
};

/** MedMNIST/MedMNIST, medmnist/info.py 3.0.2, "url" and "MD5". */
function medMnist(name: string, md5: string): DatasetSource {
  return {
    files: [{
      name: `${name}.npz`,
      url: `https://zenodo.org/records/10519652/files/${name}.npz?download=1`,
      checksum: { algorithm: "md5", hex: md5 },
    }],
  };
}
