import { CIFAR_10_BATCHES } from "./cifar_10.ts";
import { IDX_FILES } from "./load_idx_dataset.ts";
import type { DatasetName } from "./load_dataset.ts";

/** What a publisher says of a file, packed as it comes. */
export interface Checksum {
  readonly algorithm: "sha256" | "md5";
  /** Lower case. */
  readonly hex: string;
}

/** Where a data set comes from. */
export interface DatasetSource {
  /** The files that make up the set, all of them needed. */
  readonly files: readonly {
    readonly name: string;
    readonly url: string;
    readonly checksum: Checksum;
  }[];
  /** Files without a checksum, each plain or gzipped, that may stand for them. */
  readonly parts?: readonly string[];
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

/** Where the data sets come from that are not part of the project. */
export const SOURCES: Readonly<
  Record<Exclude<DatasetName, "fashion-mnist">, DatasetSource>
> = {
  mnist: {
    files: IDX_FILES.map((file) => ({
      name: `${file}.gz`,
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
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      checksum: { algorithm: "md5", hex: "c32a1d4ab5d03f1284b67883e8d87530" },
    }],
    parts: CIFAR_10_BATCHES,
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
