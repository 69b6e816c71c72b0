/** Accuracies of a table of the report, on its splits. */
export interface ReportedAccuracies {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Table 1: the perceptron. */
export const PERCEPTRON_REPORTED: ReportedAccuracies = {
  train: 0.4654,
  validation: 0.4610,
  test: 0.3422,
};

/** Table 2: logistic regression, by the learning rate. */
export const LOGISTIC_REPORTED: Readonly<Record<number, ReportedAccuracies>> = {
  0.01: { train: 0.6609, validation: 0.6568, test: 0.5784 },
  0.001: { train: 0.6625, validation: 0.6639, test: 0.5936 },
};

/** Table 3: the multi-layer perceptron. */
export const MLP_REPORTED: ReportedAccuracies = {
  train: 0.7970,
  validation: 0.7857,
  test: 0.7448,
};

/** The multi-layer perceptron's loss, summed over training images (§1.2.2). */
export const MLP_REPORTED_LOSS = 57_795.7751;

/** OctMNIST's training images, over which the report sums the loss. */
export const MLP_REPORTED_TRAIN_SIZE = 97_477;

/** The tables of report 3's section 2. */
export const AUTODIFF_TABLES = ["4", "5", "6", "7"] as const;

/** The number of such a table. */
export type AutodiffTable = typeof AUTODIFF_TABLES[number];

/** A table of section 2. */
interface Table {
  readonly title: string;
  /** What its rows differ in. */
  readonly varied: string;
  /** Setting, training loss, validation and test accuracy. */
  readonly rows: readonly (readonly [string, number, number, number])[];
}

/** Tables 4 to 7 of the report. */
export const AUTODIFF_REPORTED: Readonly<Record<AutodiffTable, Table>> = {
  4: {
    title: "Table 4: the learning rate of the logistic regression",
    varied: "η",
    rows: [
      ["0.1", 0.9687, 0.6224, 0.5577],
      ["0.01", 0.9370, 0.6543, 0.6200],
      ["0.001", 1.0143, 0.6169, 0.6503],
    ],
  },
  5: {
    title: "Table 5: the batch size of the MLP",
    varied: "batch",
    rows: [
      ["16", 0.4809, 0.8169, 0.7524],
      ["1024", 0.8787, 0.6907, 0.7221],
    ],
  },
  6: {
    title: "Table 6: the learning rate of the MLP",
    varied: "η",
    rows: [
      ["1", 1.1714, 0.4721, 0.4726],
      ["0.1", 0.4333, 0.8246, 0.7505],
      ["0.01", 0.4855, 0.8157, 0.7694],
      ["0.001", 0.8421, 0.6922, 0.7127],
    ],
  },
  7: {
    title: "Table 7: the regularization of the MLP, λ = 0.0001, p = 0.2",
    varied: "method",
    rows: [
      ["none", 0.2164, 0.8608, 0.7675],
      ["L2", 0.2701, 0.8535, 0.7694],
      ["dropout", 0.3659, 0.8575, 0.7845],
    ],
  },
};

/** Table 5's times, seconds, by the batch size; the machine is not known. */
export const AUTODIFF_SECONDS: Readonly<Record<string, number>> = {
  16: 159,
  1024: 15,
};
