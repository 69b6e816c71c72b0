import * as tf from "@tensorflow/tfjs";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import {
  checkParameters,
  type ParameterUpdate,
} from "../ops/parameter_update.ts";
import { matchRestored } from "./_match_restored.ts";

/** As TF.js names it, but does not export. */
export type NamedTensor = { name: string; tensor: tf.Tensor };

/** A parameter, and which update of it this is. */
export interface SlotUpdate extends ParameterUpdate {
  /** 1-based; steps without a gradient of this parameter count too. */
  step: number;
}

/** What is kept of one variable. */
interface Kept {
  readonly slots: readonly tf.Variable[];
  /** Iterations that were over when the variable came. */
  readonly since: number;
}

/** Names of the state that are no slot's. */
const ITERATIONS = "iter", RATE = "learningRate", SINCE = "since";

/**
 * What the optimizers have in common: a learning rate that may be set between
 * two steps; for each variable some slots, which are tensors of its shape and
 * 0 at first; and their saving.
 *
 * The state is `iter` (int32); `learningRate`, if it is not the constructor's
 * (int32 `[2]`, the float64's bits, low word first); `<variable>/<slot>`, slot
 * by slot; and `<variable>/since` (int32) for one that came after the first
 * step: the iterations that were over then.
 *
 * Slots belong to a variable and not to its name: one that is made anew under
 * an old name starts afresh. Restored slots find their variable when it is
 * updated first, see `matchRestored`.
 */
export abstract class SlotOptimizer extends tf.Optimizer {
  readonly #slotNames: readonly string[];
  readonly #initialRate: number;
  #learningRate: number;
  readonly #kept = new Map<tf.Variable, Kept>();
  /** By the name in the state, until their variable is updated. */
  readonly #restored = new Map<string, Kept>();

  /**
   * Makes an optimizer at its first step.
   *
   * @param slotNames what each variable's slots are called in the state
   * @param learningRate the step size at first
   * @throws RangeError if the learning rate is not above 0 and finite
   */
  constructor(slotNames: readonly string[], learningRate: number) {
    super();
    this.#slotNames = slotNames;
    this.iterations_ = 0;
    const isStep = learningRate > 0 && Number.isFinite(learningRate);
    const range = "above 0 and finite";
    checkOption(new.target.name, "learningRate", learningRate, range, isStep);
    this.#initialRate = this.#learningRate = learningRate;
  }

  /**
   * The step size of the next step; at least 0 and finite. A schedule sets it
   * from `iterations`, which is restored with the state.
   */
  get learningRate(): number {
    return this.#learningRate;
  }

  /** @throws RangeError if it is not at least 0 and finite */
  set learningRate(value: number) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new RangeError(
        `Cannot set learningRate of ${this.constructor.name}: it must be at least 0 and finite: got ${value}`,
      );
    }
    this.#learningRate = value;
  }

  /** Sets `learningRate`, as TF.js's SGD does. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  /** Makes an optimizer from its `getConfig`, whose learning rate may be 0. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    if (config.learningRate !== 0) return new cls(config);
    const optimizer = new cls({ ...config, learningRate: 1 });
    (optimizer as unknown as SlotOptimizer).learningRate = 0;
    return optimizer;
  }

  /** Updates the values and their slots. */
  protected abstract update(parameters: readonly SlotUpdate[]): void;

  /**
   * Takes one step.
   *
   * @param gradients by their variables' names; null: that one stays
   * @throws RangeError if a name is no variable's, a gradient or a restored
   * slot is not float32 of its variable's shape, or restored slots have no
   * variable. Nothing is updated then
   */
  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    const registered = tf.engine().registeredVariables;
    const unknown = named.find(([name, gradient]) =>
      gradient != null && !registered[name]
    );
    if (unknown) {
      throw new RangeError(
        `Cannot update parameters: gradients must be of variables: got one of ${
          unknown[0]
        }`,
      );
    }
    this.#findSlots(
      named.map(([name]) => registered[name]).filter((value) => !!value),
    );
    const parameters = named.filter(([, gradient]) => gradient != null)
      .map(([name, gradient]) => {
        const value = registered[name]!;
        const { slots, since } = this.#kept.get(value)!;
        return { value, gradient, slots, step: this.iterations + 1 - since };
      });
    checkParameters(parameters);
    this.update(parameters);
    this.incrementIterations();
  }

  /** Gives variables that have no slots their restored ones, or new ones. */
  #findSlots(variables: readonly tf.Variable[]) {
    const others = variables.filter((variable) => !this.#kept.has(variable));
    if (others.length === 0) return;
    this.#forgetDisposed();
    const found = matchRestored(
      others.map(({ name }) => name),
      [...this.#restored.keys()],
      Object.keys(tf.engine().registeredVariables),
    );
    for (const variable of others) {
      const { name, shape } = variable;
      const saved = found.get(name) ?? "";
      const newSlot = () => slotOf(() => tf.zeros(shape));
      this.#kept.set(
        variable,
        this.#restored.get(saved) ??
          { slots: this.#slotNames.map(newSlot), since: this.iterations },
      );
      this.#restored.delete(saved);
    }
  }

  /** The state, as the class describes it; the slots are not copied. */
  override async getWeights(): Promise<NamedTensor[]> {
    this.#forgetDisposed();
    const state = [await this.saveIterations()];
    if (this.#learningRate !== this.#initialRate) {
      const bits = new Int32Array(Float64Array.of(this.#learningRate).buffer);
      state.push({ name: RATE, tensor: tf.tensor1d(bits, "int32") });
    }
    const kept = [
      ...[...this.#kept].map(([{ name }, kept]) => [name, kept] as const),
      ...this.#restored,
    ];
    this.#slotNames.forEach((slotName, i) => {
      for (const [name, { slots }] of kept) {
        state.push({ name: `${name}/${slotName}`, tensor: slots[i]! });
      }
    });
    for (const [name, { slots, since }] of kept) {
      if (slots.length === 0 || since === 0) continue;
      const tensor = tf.scalar(since, "int32");
      state.push({ name: `${name}/${SINCE}`, tensor });
    }
    return state;
  }

  /**
   * Takes copies of what `getWeights` returned.
   *
   * @throws Error if something is missing, or is none of this optimizer's; all
   * is as before then
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const fail = (what: string): never => {
      throw new Error(`Cannot restore ${this.constructor.name}: ${what}`);
    };
    const state = new Map(weights.map(({ name, tensor }) => [name, tensor]));
    const count = (name: string, most = Infinity): number => {
      const value = state.get(name)!.dataSync()[0]!;
      if (Number.isInteger(value) && value >= 0 && value <= most) return value;
      const range = most === Infinity ? "of at least 0" : `from 0 to ${most}`;
      return fail(`${name} must be an integer ${range}: got ${value}`);
    };
    if (!state.has(ITERATIONS)) {
      fail(`${ITERATIONS} must be in the state: got none`);
    }
    const iterations = count(ITERATIONS);
    const rate = state.get(RATE);
    if (rate && (rate.dtype !== "int32" || `${rate.shape}` !== "2")) {
      fail(`${RATE} must be int32 [2]: got ${rate.dtype} [${rate.shape}]`);
    }
    state.delete(ITERATIONS);
    state.delete(RATE);
    const names = new Set<string>();
    for (const key of state.keys()) {
      const slash = key.lastIndexOf("/");
      const what = key.slice(slash + 1);
      const isSince = what === SINCE && this.#slotNames.length > 0;
      const isSlot = this.#slotNames.includes(what);
      if (slash < 1 || !isSince && !isSlot) {
        const known = this.#slotNames.join(" or ") || "nothing";
        fail(`the state of a variable must be ${known}: got ${key}`);
      }
      names.add(key.slice(0, slash));
    }
    const restored = [...names].map((name) => {
      const slots = this.#slotNames.map((slotName) =>
        state.get(`${name}/${slotName}`) ??
          fail(`${name}/${slotName} must be in the state: got none`)
      );
      const since = state.has(`${name}/${SINCE}`)
        ? count(`${name}/${SINCE}`, iterations)
        : 0;
      return { name, slots, since };
    });
    const words = rate && await rate.data<"int32">();
    this.learningRate = words
      ? new Float64Array(Int32Array.from(words).buffer)[0]!
      : this.#initialRate;
    this.iterations_ = iterations;
    this.#disposeSlots();
    for (const { name, slots, since } of restored) {
      const copies = slots.map((slot) => slotOf(() => tf.mul(slot, 1)));
      this.#restored.set(name, { slots: copies, since });
    }
  }

  #forgetDisposed() {
    for (const [variable, { slots }] of this.#kept) {
      if (!variable.isDisposed) continue;
      tf.dispose([...slots]);
      this.#kept.delete(variable);
    }
  }

  #disposeSlots() {
    for (const kept of [this.#kept, this.#restored]) {
      for (const { slots } of kept.values()) tf.dispose([...slots]);
      kept.clear();
    }
  }

  /** Disposes the slots. */
  override dispose(): void {
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
): void {
  if (!holds) {
    throw new RangeError(
      `Cannot create ${optimizer}: ${name} must be ${range}: got ${value}`,
    );
  }
}
