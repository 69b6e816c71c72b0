import { formatSpread, maxOf, mean } from "../../base/statistics.ts";
import { type Figure, lineFigure } from "../../charts/figure.ts";
import type {
  Claim,
  ComparisonRow,
  ReportTable,
} from "../../reporting/report.ts";
import { formatFixed, formatPercent, formatPoints } from "../../base/format.ts";
import type { MnistModel } from "./mnist_nets.ts";

type Row = Readonly<Record<string, string>>;

/** Rows of metrics.csv, one per seed and epoch, by the model. */
export type MnistResults = ReadonlyMap<MnistModel, readonly Row[]>;

/** A point of the report's curves. */
export interface ReportedAccuracy {
  readonly model: MnistModel;
  readonly epoch: number;
  /** Of the test images, 0 to 1. */
  readonly accuracy: number;
  /** How closely the figure can be read, 0 to 1; null if the text states it. */
  readonly readingError: number | null;
}

/**
 * Reads the rows of data/reported/mnist_curves.csv.
 *
 * @param rows fields by column: `model`, `epoch`, and, in percent,
 * `test_accuracy_percent` and `reading_error`
 */
export function reportedAccuracies(rows: readonly Row[]): ReportedAccuracy[] {
  return rows.map((row) => ({
    model: row.model as MnistModel,
    epoch: Number(row.epoch),
    accuracy: Number(row.test_accuracy_percent) / 100,
    readingError: row.reading_error ? Number(row.reading_error) / 100 : null,
  }));
}

const accuraciesOf = (rows: readonly Row[] = []) =>
  rows.map(({ test_accuracy }) => Number(test_accuracy));

/** Test accuracies after an epoch, one per seed; none if it was not trained. */
function accuraciesAt(results: MnistResults, model: MnistModel, epoch: number) {
  const rows = results.get(model) ?? [];
  return accuraciesOf(rows.filter((row) => Number(row.epoch) === epoch));
}

/** The highest test accuracy of any epoch, one per seed. */
function bestAccuracies(rows: readonly Row[]): number[] {
  return [...Map.groupBy(rows, ({ seed }) => seed).values()]
    .map((rows) => maxOf(accuraciesOf(rows)));
}

/**
 * Report 4's test accuracies beside ours.
 *
 * @param results of a run
 * @param reported the report's
 * @returns a row for each that the run has too, `mean ± s.d.` where there are
 * several seeds
 */
export function mnistComparison(
  results: MnistResults,
  reported: readonly ReportedAccuracy[],
): ComparisonRow[] {
  return reported.flatMap(({ model, epoch, accuracy, readingError }) => {
    const ours = accuraciesAt(results, model, epoch);
    if (ours.length === 0) return [];
    const error = readingError === null
      ? ""
      : ` ± ${(100 * readingError).toFixed(2)}`;
    return [{
      quantity: `test accuracy, ${model}, epoch ${epoch}`,
      reported: formatPercent(accuracy).replace(" %", `${error} %`),
      ours: formatSpread(ours, formatPercent),
      difference: formatPoints(mean(ours) - accuracy),
    }];
  });
}

/**
 * What report 4's question 4 claims, and whether it held for the means over
 * the seeds. Where the report has no number, the claim names the bound within
 * which it counts as held. Other data than MNIST cannot say.
 *
 * @param results of a run
 * @param dataset the data set's name
 */
export function mnistClaims(results: MnistResults, dataset: string): Claim[] {
  const claims: Claim[] = [];
  const add = (claim: string, holds: boolean | null, measured: string) => {
    const isTestable = holds !== null && dataset === "mnist";
    claims.push({
      claim,
      verdict: !isTestable
        ? "could not be tested"
        : holds
        ? "held"
        : "did not hold",
      measured: holds === null || isTestable
        ? measured
        : `${measured}; needs mnist`,
    });
  };

  const first = accuraciesAt(results, "convnet", 1);
  const others = (["softmax", "mlp"] as const).map((model) => ({
    model,
    best: bestAccuracies(results.get(model) ?? []),
  }));
  const missing = [{ model: "convnet", best: first }, ...others]
    .filter(({ best }) => best.length === 0).map(({ model }) => model);
  add(
    "the ConvNet after its first epoch outperforms the best of softmax and MLP",
    missing.length > 0
      ? null
      : others.every(({ best }) => mean(first) > mean(best)),
    missing.length > 0 ? `not trained: ${missing.join(", ")}` : [
      `convnet, epoch 1: ${formatSpread(first, formatPercent)}`,
      ...others.map(({ model, best }) =>
        `best of ${model}: ${formatSpread(best, formatPercent)}`
      ),
    ].join("; "),
  );

  const softmax = results.get("softmax") ?? [];
  const lastEpoch = Number(softmax.at(-1)?.epoch);
  const last = accuraciesAt(results, "softmax", lastEpoch);
  add(
    "MNIST is so easy that softmax regression does decently; held: 90 % or more",
    last.length === 0 ? null : mean(last) >= 0.9,
    last.length === 0
      ? "not trained: softmax"
      : `${
        formatSpread(last, formatPercent)
      } on ${dataset}, epoch ${lastEpoch}`,
  );

  const start = accuraciesAt(results, "softmax", 1);
  const gains = accuraciesAt(results, "softmax", 10)
    .map((accuracy, i) => accuracy - start[i]!);
  add(
    "softmax gains only 1 point from epoch 1 to 10; held: 0.5 to 1.5",
    gains.length === 0 ? null : Math.abs(mean(gains) - 0.01) <= 0.005,
    gains.length === 0
      ? `not trained for 10 epochs: softmax`
      : formatSpread(gains, formatPoints),
  );
  return claims;
}

/**
 * Losses and accuracy of each model after its last epoch.
 *
 * @param results of a run, of the same number of epochs each
 */
export function mnistTable(results: MnistResults): ReportTable {
  const epoch = [...results.values()][0]!.at(-1)!.epoch!;
  const fixed = (value: number) => formatFixed(value, 4);
  return {
    title: `Ours after epoch ${epoch}`,
    columns: ["model", "training loss", "test loss", "test accuracy"],
    rows: [...results].map(([model, rows]) => {
      const last = rows.filter((row) => row.epoch === epoch);
      const spread = (column: string, format: (value: number) => string) =>
        formatSpread(last.map((row) => Number(row[column])), format);
      return [
        model,
        spread("train_loss", fixed),
        spread("test_loss", fixed),
        spread("test_accuracy", formatPercent),
      ];
    }),
  };
}

const ACCURACY_FILE = "accuracy.svg";
const lossFile = (model: MnistModel) => `loss-${model}.svg`;

/** The files of `mnistFigures`. */
export function mnistFigureFiles(models: readonly MnistModel[]): string[] {
  return [...models.map(lossFile), ACCURACY_FILE];
}

/**
 * What report 4 draws of each model after each epoch: training and test loss,
 * a figure per model, and the test accuracy of all of them with the report's.
 *
 * @param results of a run, of one seed
 * @param reported the report's, to be drawn as single points; none where the
 * data set is another one
 */
export function mnistFigures(
  results: MnistResults,
  reported: readonly ReportedAccuracy[],
): Figure[] {
  const values = (rows: readonly Row[], column: string, factor = 1) =>
    rows.map((row) => factor * Number(row[column]));
  const losses = [...results].map(([model, rows]) =>
    lineFigure(lossFile(model), {
      title: `Loss of ${model}`,
      xLabel: "epoch",
      yLabel: "negative log-likelihood",
      series: [
        { name: "training", values: values(rows, "train_loss") },
        { name: "test", values: values(rows, "test_loss") },
      ],
    })
  );
  const accuracy = lineFigure(ACCURACY_FILE, {
    title: "Accuracy on the test images",
    xLabel: "epoch",
    yLabel: "%",
    series: [...results].flatMap(([model, rows]) => {
      const ours = { name: model, values: values(rows, "test_accuracy", 100) };
      const theirs = rows.map(({ epoch }) =>
        100 *
        (reported.find((point) =>
          point.model === model && point.epoch === Number(epoch)
        )?.accuracy ?? NaN)
      );
      return theirs.every(Number.isNaN) ? [ours] : [ours, {
        name: `${model}, reported`,
        values: theirs,
        dashed: true,
        colorOf: model,
      }];
    }),
  });
  return [...losses, accuracy];
}

/**
 * The last epoch of each net, for `--json`.
 *
 * @param nets of a run
 * @param results of all of them
 * @param seconds what each net took, by its name
 */
export function mnistNumbers(
  nets: readonly {
    readonly name: string;
    readonly model: MnistModel;
    readonly seed: number;
  }[],
  results: MnistResults,
  seconds: ReadonlyMap<string, number>,
): Record<string, string | number>[] {
  return nets.map(({ name, model, seed }) => {
    const row = results.get(model)!.findLast((row) =>
      Number(row.seed) === seed
    )!;
    return {
      net: name,
      model,
      seed,
      epoch: Number(row.epoch),
      trainLoss: Number(row.train_loss),
      testLoss: Number(row.test_loss),
      testAccuracy: Number(row.test_accuracy),
      seconds: seconds.get(name) ?? 0,
    };
  });
}
