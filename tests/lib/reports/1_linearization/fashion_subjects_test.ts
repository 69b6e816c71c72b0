import assert from "node:assert/strict";
import type { ImageDataset } from "../../../../lib/data/image_dataset.ts";
import {
  chooseSubjects,
  judgeTables,
  subjectClasses,
} from "../../../../lib/reports/1_linearization/fashion_subjects.ts";

/** Test images of these classes: 0 trousers, 1 shirts, 2 boots, 3 bags. */
function datasetOf(...labels: number[]): ImageDataset {
  const images = new Uint8Array(labels.length);
  const split = {
    images,
    labels: new Int32Array(labels),
    count: labels.length,
  };
  return {
    name: "four",
    height: 1,
    width: 1,
    channels: 1,
    numClasses: 4,
    classNames: ["Trouser", "Shirt", "Ankle boot", "Bag"],
    train: split,
    validation: null,
    test: split,
    sha256: {},
    remarks: [],
  };
}

Deno.test("chooseSubjects() takes the first of each class that all nets classify right", () => {
  const dataset = datasetOf(2, 0, 1, 3, 2, 1, 0, 2);
  assert.deepEqual(chooseSubjects(dataset, [1, 3, 4, 5, 6, 7]), [
    { className: "Ankle boot", index: 4, isRight: true },
    { className: "Shirt", index: 5, isRight: true },
    { className: "Trouser", index: 1, isRight: true },
  ]);
});

Deno.test("chooseSubjects() takes the first where none is classified right, and says so", () => {
  const [, shirt] = chooseSubjects(datasetOf(2, 0, 1, 1), [0, 1]);
  assert.deepEqual(shirt, { className: "Shirt", index: 2, isRight: false });
  assert.throws(() => chooseSubjects(datasetOf(2, 0, 0), [0, 1]), {
    message:
      "Cannot choose images: the first 3 test images must hold one of class Shirt: got none",
  });
});

Deno.test("subjectClasses() are the report's, or the first three of another data set", () => {
  const reported = ["Ankle boot", "Shirt", "Trouser"];
  assert.deepEqual(subjectClasses(datasetOf(0)), reported);
  const digits = { classNames: ["0", "1", "2", "3"] };
  assert.deepEqual(subjectClasses(digits), ["0", "1", "2"]);
  const two = { classNames: ["normal", "pneumonia"] };
  assert.deepEqual(subjectClasses(two), two.classNames);
});

Deno.test("judgeTables() counts what is right, and names what the images are taken for", () => {
  const judge = (name: string, labels: number[], alphas: number[]) => ({
    name,
    predictions: labels.map((label) => ({ label, probability: 0.987 })),
    alphas,
  });
  const [nets, images] = judgeTables(
    [judge("relu", [2, 0, 1, 3], []), judge("ra", [2, 3, 3, 3], [0.25, 0, 1])],
    [2],
    datasetOf(2, 0, 1, 1),
  );
  assert.deepEqual(nets!.rows, [
    ["relu", "75.0 %", "—", "—", "—"],
    ["ra", "25.0 %", "0.250", "0.000", "1.000"],
  ]);
  assert.deepEqual(images!.columns, ["image", "class", "relu", "ra"]);
  assert.deepEqual(images!.rows, [["2", "Shirt", "Shirt 0.987", "Bag 0.987"]]);
});
