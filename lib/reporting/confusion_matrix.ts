import { formatPercent } from "../base/format.ts";
import { maxOf } from "../base/statistics.ts";
import type { ReportTable } from "./report.ts";

/**
 * How often images of each class were taken for each class.
 *
 * @param labels class ids, below numClasses
 * @param predicted class ids, one per label
 * @param numClasses number of classes
 * @returns counts, one row per label and one column per prediction
 * @throws {RangeError} for a class out of range, or another number of
 * predictions than of labels
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { confusionMatrix } from "alphalab/reporting";
 *
 * const counts = confusionMatrix([0, 0, 1], [0, 1, 1], 2);
 * assert.deepEqual(counts, [[1, 1], [0, 1]]);
 * ```
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  numClasses: number,
): number[][] {
  const counts = Array.from(
    { length: numClasses },
    () => new Array<number>(numClasses).fill(0),
  );
  if (predicted.length !== labels.length) {
    throw new RangeError(
      `Cannot count: there must be ${labels.length} predictions, one per label: got ${predicted.length}`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!, prediction = predicted[i]!;
    if (counts[label]?.[prediction] === undefined) {
      throw new RangeError(
        `Cannot count: classes must be from 0 to ${
          numClasses - 1
        }: got ${label} and ${prediction}`,
      );
    }
    counts[label]![prediction]!++;
  }
  return counts;
}

/**
 * The share of the images that were taken for their own class.
 *
 * @param counts by `confusionMatrix`, of at least one image
 * @returns 0 to 1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { confusionAccuracy } from "#lib/reporting/confusion_matrix.ts";
 *
 * assert.equal(confusionAccuracy([[3, 1], [0, 4]]), 7 / 8);
 * ```
 */
export function confusionAccuracy(
  counts: readonly (readonly number[])[],
): number {
  return sum(counts.map((row, label) => row[label]!)) / sum(counts.map(sum));
}

/**
 * A confusion matrix as two tables that fit 80 columns for ten classes: the
 * accuracy of each class with what it is most often taken for, of equals the
 * first, and the counts, whose columns have the classes' numbers.
 *
 * @param counts by `confusionMatrix`
 * @param classNames one per class
 * @returns both tables; a class without images has an empty accuracy
 *
 * @example
 * ```ts
 * import { confusionTables } from "#lib/reporting/confusion_matrix.ts";
 * import { textTable } from "alphalab/reporting";
 *
 * const tables = confusionTables([[3, 1], [0, 4]], ["cat", "dog"]);
 * for (const table of tables) console.log(textTable(table));
 * ```
 */
export function confusionTables(
  counts: readonly (readonly number[])[],
  classNames: readonly string[],
): [perClass: ReportTable, counts: ReportTable] {
  const names = classNames.map((name, label) => `${name} (${label})`);
  const mistakes = counts.map((row, label) => {
    const others = row.map((count, k) => k === label ? 0 : count);
    const most = maxOf(others);
    if (most === 0) return "";
    const times = most === 1 ? "once" : `${most} times`;
    return `${names[others.indexOf(most)]}, ${times}`;
  });
  return [{
    title: "Accuracy of each class",
    columns: ["class", "images", "accuracy", "most often taken for"],
    rows: counts.map((row, label) => {
      const images = sum(row);
      return [
        names[label]!,
        String(images),
        images === 0 ? "" : formatPercent(row[label]! / images, 1),
        mistakes[label]!,
      ];
    }),
  }, {
    title: "Confusion matrix: a row's images, taken for a column's class",
    columns: ["class", ...names.keys().map(String)],
    rows: counts.map((row, label) => [names[label]!, ...row.map(String)]),
  }];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
