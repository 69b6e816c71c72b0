/**
 * The meeting point of the threads that share one heap.
 *
 * A task is a kernel and a range of chunks, at most 65,535 of them. How many
 * chunks there are in all depends on the problem alone, never on the thread
 * count, so results are the same bits at any number of threads; the threads
 * only decide who computes which chunk.
 *
 * The ticket packs `generation << 32 | chunks << 16 | next` into one u64, so a
 * thread that wakes late can never claim a chunk of a task that it has not
 * seen. A claimed chunk keeps its task alive until `completeChunk`, which is
 * why the rest of the task may be read without a lock after a claim.
 *
 * Layout of the control block in bytes, one hot word a cache line:
 * 0 generation (i32, futex), 64 ticket (u64), 128 completed (i32, futex),
 * 192 sleepers (i32), 256 kernel (i32), 260 first chunk (i32).
 * lib/wasm/thread_pool.ts mirrors it.
 */
const GENERATION: usize = 0;
const TICKET: usize = 64;
const COMPLETED: usize = 128;
const SLEEPERS: usize = 192;
const KERNEL: usize = 256;
const FIRST: usize = 260;

/**
 * Opens chunks first … first + chunks − 1 of a kernel to all threads and
 * returns their generation. Main thread only.
 */
export function publishTask(
  control: usize,
  kernel: i32,
  first: i32,
  chunks: i32,
): i32 {
  const generation = atomic.load<i32>(control, GENERATION) + 1;
  store<i32>(control, kernel, KERNEL);
  store<i32>(control, first, FIRST);
  atomic.store<i32>(control, 0, COMPLETED);
  atomic.store<u64>(
    control,
    ((<u64> (<u32> generation)) << 32) | ((<u64> chunks) << 16),
    TICKET,
  );
  atomic.store<i32>(control, generation, GENERATION);
  // A futex call costs microseconds: only when somebody sleeps.
  if (atomic.load<i32>(control, SLEEPERS) > 0) {
    atomic.notify(control + GENERATION, -1);
  }
  return generation;
}

/** Blocks until the generation differs from `seen`; spins before it sleeps. */
export function awaitTask(control: usize, seen: i32, spins: i32): i32 {
  for (let i = 0; i < spins; i++) {
    const generation = atomic.load<i32>(control, GENERATION);
    if (generation != seen) return generation;
  }
  atomic.add<i32>(control, 1, SLEEPERS);
  while (atomic.load<i32>(control, GENERATION) == seen) {
    atomic.wait<i32>(control + GENERATION, seen, -1);
  }
  atomic.sub<i32>(control, 1, SLEEPERS);
  return atomic.load<i32>(control, GENERATION);
}

/** The next chunk of the task of this generation; -1 when none is left. */
export function claimChunk(control: usize, generation: i32): i32 {
  let ticket = atomic.load<u64>(control, TICKET);
  while (true) {
    const next = <i32> (ticket & 0xffff);
    const chunks = <i32> ((ticket >> 16) & 0xffff);
    if (<i32> (ticket >> 32) != generation || next >= chunks) return -1;
    const found = atomic.cmpxchg<u64>(control, ticket, ticket + 1, TICKET);
    if (found == ticket) return load<i32>(control, FIRST) + next;
    ticket = found;
  }
}

/** Marks one claimed chunk as done, and wakes the main thread at the last. */
export function completeChunk(control: usize): void {
  const chunks = <i32> ((atomic.load<u64>(control, TICKET) >> 16) & 0xffff);
  if (atomic.add<i32>(control, 1, COMPLETED) + 1 == chunks) {
    atomic.notify(control + COMPLETED, 1);
  }
}

/**
 * Waits until `chunks` are done: spins, then sleeps for at most `milliseconds`.
 * Returns 1 when they are, 0 when the time ran out. Main thread only.
 */
export function awaitChunks(
  control: usize,
  chunks: i32,
  spins: i32,
  milliseconds: i32,
): i32 {
  let completed = atomic.load<i32>(control, COMPLETED);
  for (let i = 0; i < spins && completed != chunks; i++) {
    completed = atomic.load<i32>(control, COMPLETED);
  }
  if (completed == chunks) return 1;
  const timeout = <i64> milliseconds * 1_000_000;
  // A wait that is woken by somebody else's notify starts again from zero.
  while (completed != chunks) {
    if (atomic.wait<i32>(control + COMPLETED, completed, timeout) == 2) {
      return <i32> (atomic.load<i32>(control, COMPLETED) == chunks);
    }
    completed = atomic.load<i32>(control, COMPLETED);
  }
  return 1;
}
