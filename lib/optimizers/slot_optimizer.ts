import * as tf from "@tensorflow/tfjs";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import type { ParameterUpdate } from "../kernels/parameter_update.ts";

/** As TF.js names it, but does not export. */
export type NamedTensor = { name: string; tensor: tf.Tensor };

/**
 * What the optimizers have in common: for each variable some slots, which are
 * tensors of its shape and 0 at first, and their saving. The state is `iter`
 * and then `<variable>/<slot>`, slot by slot.
 */
export abstract class SlotOptimizer extends tf.Optimizer {
  readonly #slotNames: readonly string[];
  readonly #slots = new Map<string, readonly tf.Variable[]>();

  constructor(slotNames: readonly string[]) {
    super();
    this.#slotNames = slotNames;
    this.iterations_ = 0;
  }

  /** Updates the values and their slots; `this.iterations` counts from 1. */
  protected abstract update(parameters: readonly ParameterUpdate[]): void;

  override applyGradients(gradients: NamedTensorMap | NamedTensor[]) {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    this.incrementIterations();
    const variables = tf.engine().registeredVariables;
    this.update(
      named.filter(([, gradient]) => gradient != null)
        .map(([name, gradient]) => {
          const value = variables[name];
          if (!value) {
            throw new RangeError(
              `Cannot update parameters: gradients must be of variables: got one of ${name}`,
            );
          }
          return { value, gradient, slots: this.#slotsOf(name, value) };
        }),
    );
  }

  #slotsOf(name: string, value: tf.Variable): readonly tf.Variable[] {
    let slots = this.#slots.get(name);
    if (!slots) {
      slots = this.#slotNames.map(() => slotOf(() => tf.zeros(value.shape)));
      this.#slots.set(name, slots);
    }
    return slots;
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const state = [await this.saveIterations()];
    this.#slotNames.forEach((slotName, i) => {
      for (const [name, slots] of this.#slots) {
        state.push({ name: `${name}/${slotName}`, tensor: slots[i]! });
      }
    });
    return state;
  }

  /**
   * Takes copies of what `getWeights` returned.
   *
   * @throws Error if a slot is missing, or is none of this optimizer's
   */
  override async setWeights(weights: NamedTensor[]) {
    const fail = (what: string) => {
      throw new Error(`Cannot restore ${this.constructor.name}: ${what}`);
    };
    const state = new Map(
      (await this.extractIterations(weights)).map((
        { name, tensor },
      ) => [name, tensor]),
    );
    const names = new Set<string>();
    for (const key of state.keys()) {
      const slash = key.lastIndexOf("/");
      if (!this.#slotNames.includes(key.slice(slash + 1))) {
        const known = this.#slotNames.join(" or ") || "nothing";
        fail(`the state of a variable must be ${known}: got ${key}`);
      }
      names.add(key.slice(0, slash));
    }
    const restored = [...names].map((name) => {
      const slots = this.#slotNames.map((slotName) =>
        state.get(`${name}/${slotName}`) ??
          fail(`${name}/${slotName} must be in the state: got none`)
      ) as tf.Tensor[];
      return [name, slots] as const;
    });
    this.#disposeSlots();
    for (const [name, slots] of restored) {
      this.#slots.set(name, slots.map((slot) => slotOf(() => tf.mul(slot, 1))));
    }
  }

  #disposeSlots() {
    for (const slots of this.#slots.values()) tf.dispose([...slots]);
    this.#slots.clear();
  }

  override dispose() {
    this.#disposeSlots();
  }
}

/** A variable, as its data is replaced when a clone shares it. */
function slotOf(initial: () => tf.Tensor): tf.Variable {
  return tf.tidy(() => tf.variable(initial(), false));
}

/**
 * @param range what the value must be, in words
 * @throws RangeError if it is not
 */
export function checkOption(
  optimizer: string,
  name: string,
  value: number,
  range: string,
  holds: boolean,
) {
  if (!holds) {
    throw new RangeError(
      `Cannot create ${optimizer}: ${name} must be ${range}: got ${value}`,
    );
  }
}
