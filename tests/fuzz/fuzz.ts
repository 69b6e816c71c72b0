import { deriveRandom } from "../../lib/base/random.ts";
import type { KernelCases } from "./call.ts";
import { Draw } from "./draw.ts";
import type { GuardedHeap } from "../guarded_heap.ts";
import { runCases } from "./run_cases.ts";

/** Which calls are made. */
export interface FuzzOptions {
  seed: number;
  /** Number of each kernel's first call; 0 at first. */
  from: number;
  /** Calls of each kernel. */
  cases: number;
}

/**
 * Calls each kernel with what its number and the seed decide.
 *
 * @returns a line for each fault, which begins with how to repeat it
 */
export async function fuzz(
  table: KernelCases,
  heap: GuardedHeap,
  { seed, from, cases }: FuzzOptions,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [kernel, kernelCase] of Object.entries(table)) {
    const calls = Array.from({ length: cases }, (_, i) => {
      const random = deriveRandom(seed, `${kernel} ${from + i}`);
      return kernelCase.draw(new Draw(random));
    });
    const found = await runCases(kernel, kernelCase, calls, heap);
    found.forEach((faults, i) =>
      lines.push(
        ...faults.map((fault) =>
          `--seed ${seed} --kernel ${kernel} --first ${from + i}: ${fault}`
        ),
      )
    );
    if (found.length < cases) break; // a trap has ended the backend
  }
  return lines;
}
