import { deepEqual } from "node:assert/strict";
import { bestChannel } from "../../../../lib/reports/1_linearization/best_channel.ts";

const TARGET = [0, 1, 2, 3];

Deno.test("bestChannel() finds the channel that varies with a plane, up or down", () => {
  const some = [0, 1, 0, 1];
  deepEqual(bestChannel([some, [9, 7, 5, 3], [1, 1, 1, 1]], TARGET), {
    ...{ channel: 1, r: 1 },
  });
  deepEqual(bestChannel([TARGET, some, TARGET], TARGET).channel, 0);
});

Deno.test("bestChannel() is the first with 0 where no channel varies", () => {
  const same = [2, 2, 2, 2];
  deepEqual(bestChannel([same, same], TARGET), { channel: 0, r: 0 });
});
