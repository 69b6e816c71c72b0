import { equal } from "node:assert/strict";
import { epochLine, type EpochSummary } from "../../../lib/train/epoch_line.ts";

const SUMMARY: EpochSummary = {
  name: "relu",
  epoch: 2,
  epochs: 12,
  validation: null,
  train: { loss: 0.52314, accuracy: 0.81234 },
  test: { loss: 0.4, accuracy: 0.85 },
  also: "α 0.50",
  seconds: 42.4,
  images: 60_000,
  secondsLeft: 424,
};

/** Calls a function with a terminal of so many columns, or with none. */
function withTerminal<T>(columns: number | null, call: () => T): T {
  const own = {
    isTerminal: Deno.stdout.isTerminal,
    consoleSize: Deno.consoleSize,
  };
  Deno.stdout.isTerminal = () => columns !== null;
  Deno.consoleSize = () => ({ columns: columns!, rows: 24 });
  try {
    return call();
  } finally {
    Deno.stdout.isTerminal = own.isTerminal;
    Deno.consoleSize = own.consoleSize;
  }
}

Deno.test("epochLine() has speed and time left where no bar shows them", () => {
  equal(
    withTerminal(null, () => epochLine(SUMMARY)),
    "relu  epoch  2/12  train loss 0.5231, 81.23 %  test loss 0.4000, 85.00 %  α 0.50\n  42 s  1415 images/s  ETA 7 min 4 s",
  );
});

Deno.test("epochLine() leaves out what there is none of", () => {
  const summary: EpochSummary = {
    ...SUMMARY,
    also: undefined,
    secondsLeft: 0,
    train: { loss: 1234.56, accuracy: 1 },
    validation: { accuracy: 0.5 },
    test: { loss: null, accuracy: 0 },
  };
  equal(
    withTerminal(null, () => epochLine(summary)),
    "relu  epoch  2/12  train loss 1234.6, 100.00 %  validation 50.00 %  test 0.00 %\n  42 s  1415 images/s",
  );
});

Deno.test("epochLine() breaks between its parts at a terminal", () => {
  equal(
    withTerminal(80, () => epochLine(SUMMARY)),
    "relu  epoch  2/12  train loss 0.5231, 81.23 %  test loss 0.4000, 85.00 %  α 0.50\n  42 s",
  );
  equal(
    withTerminal(40, () => epochLine(SUMMARY)),
    "relu  epoch  2/12\n  train loss 0.5231, 81.23 %\n  test loss 0.4000, 85.00 %  α 0.50\n  42 s",
  );
});
