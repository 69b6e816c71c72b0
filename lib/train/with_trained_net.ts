import { loadCheckpoint } from "../run/checkpoint.ts";
import { explainIoError } from "../base/errors.ts";
import { restoreTensors } from "./net_tensors.ts";
import type { TrainableNet } from "./train_nets.ts";

/**
 * Makes a net, gives it the parameters that `trainNets` left in a file, and
 * disposes of it after its use: the names of its variables are free again then.
 *
 * @param file a `netFile`
 * @param create makes the net with any parameters
 * @param use what is done with the net; it keeps no tensor of it
 * @returns what `use` returned
 * @throws Error `Cannot load …` if the file cannot be read, or its parameters
 *   are others than the net's, by their names and shapes
 */
export async function withTrainedNet<N extends TrainableNet, T>(
  file: string,
  create: () => N,
  use: (net: N) => T,
): Promise<T> {
  const { tensors } = loadCheckpoint(file);
  const net = create();
  const saved = [...net.variables, ...net.buffers ?? []];
  try {
    await restoreTensors(tensors, saved).catch((error) => {
      throw explainIoError(`load net ${file}`, error);
    });
    const names = saved.map(({ name }) => name);
    const extra = Object.keys(tensors).find((name) => !names.includes(name));
    if (extra !== undefined) {
      throw new Error(
        `Cannot load net ${file}: it must hold ${names} and nothing else: got ${extra} too`,
      );
    }
    return use(net);
  } finally {
    net.optimizer.dispose();
    for (const variable of saved) variable.dispose();
  }
}
