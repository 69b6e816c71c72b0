import type { ComparisonRow } from "./comparison_table.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import type { DatasetName } from "../data/load_dataset.ts";

/**
 * Rows of a comparison, without differences where ours are of other data than
 * the report's.
 *
 * @param rows of the comparison
 * @param dataset what ours are of
 * @param reported what the report's are of
 * @returns the rows, `difference` empty where there is none to give
 */
export function besideReported(
  rows: readonly ComparisonRow[],
  dataset: Pick<ImageDataset, "name">,
  reported: DatasetName,
): ComparisonRow[] {
  return dataset.name === reported
    ? [...rows]
    : rows.map((row) => ({ ...row, difference: "" }));
}

/**
 * What a report must say of its data.
 *
 * @param dataset what ours is
 * @param reported what the report's is
 * @returns a paragraph each: that ours is another, and the data set's remarks
 */
export function datasetNotes(
  { name, remarks }: Pick<ImageDataset, "name" | "remarks">,
  reported: DatasetName,
): string[] {
  return [
    ...name === reported ? [] : [
      `The reported numbers are ${reported}'s, ours ${name}'s: there is no difference to give, and the claims are put to ours.`,
    ],
    ...remarks.map((remark) => `${remark}.`),
  ];
}
