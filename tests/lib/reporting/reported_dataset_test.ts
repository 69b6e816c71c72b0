import assert from "node:assert/strict";
import {
  besideReported,
  datasetNotes,
} from "../../../lib/reporting/reported_dataset.ts";

const ROWS = [
  { quantity: "accuracy", reported: "90 %", ours: "91 %", difference: "+1" },
];

Deno.test("besideReported() gives differences on the report's data only", () => {
  assert.deepEqual(besideReported(ROWS, { name: "mnist" }, "mnist"), ROWS);
  assert.deepEqual(besideReported(ROWS, { name: "octmnist" }, "mnist"), [
    { ...ROWS[0], difference: "" },
  ]);
});

Deno.test("datasetNotes() names another data set, and repeats the remarks", () => {
  const remarks = ["Half of it is there"];
  assert.deepEqual(datasetNotes({ name: "mnist", remarks }, "mnist"), [
    "Half of it is there.",
  ]);
  assert.deepEqual(
    datasetNotes({ name: "octmnist", remarks: [] }, "mnist"),
    [
      "The reported numbers are mnist's, ours octmnist's: there is no difference to give, and the claims are put to ours.",
    ],
  );
});
