/** One section of a WebAssembly binary (core specification, 5.5.2). */
export interface Section {
  id: number;
  body: Uint8Array;
}

/** Section ids that the tests ask for. */
export const SECTION = { import: 2, data: 11, dataCount: 12 } as const;

/** Reads the bytes of a module one after the other. */
class Reader {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.bytes.length) throw new RangeError("too short");
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }

  /** An unsigned LEB128 number. */
  u32(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.take(1)[0]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }
}

/** The sections of a module in their order. */
export function readSections(wasm: Uint8Array): Section[] {
  const reader = new Reader(wasm);
  const magic = [...reader.take(8)].join();
  if (magic !== "0,97,115,109,1,0,0,0") throw new SyntaxError("no WebAssembly");
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.take(1)[0]!;
    sections.push({ id, body: reader.take(reader.u32()) });
  }
  return sections;
}

/** The one import of a module that imports a memory and nothing else. */
export function readMemoryImport(wasm: Uint8Array) {
  const section = readSections(wasm).find(({ id }) => id === SECTION.import);
  const reader = new Reader(section!.body);
  const count = reader.u32();
  const name = `${reader.name()}.${reader.name()}`;
  const [kind, flags] = reader.take(2) as unknown as [number, number];
  if (count !== 1 || kind !== 2) throw new TypeError("not one memory alone");
  return {
    name,
    initial: reader.u32(),
    maximum: flags & 1 ? reader.u32() : undefined,
    shared: (flags & 2) !== 0,
  };
}
