/** Where each part of a state is kept: numbers of its head, lease, pool and past, and of each operator's program. */
export const HEAD = 0
export const LEASE = 1
export const POOL = 2
export const PAST = 3
export const OPERATORS = 4
export const WIDTH = 6

const HASH = 0x9e3779b1

/** The states found so far, in the order they were found, each with the one it was reached from. */
export class StateSet {
  #rows = new Int32Array(WIDTH * 2 ** 16)
  #parents = new Int32Array(2 ** 16)
  #slots = new Int32Array(2 ** 17).fill(-1)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a state, unless it is known. */
  add(state: Int32Array, parent: number): boolean {
    const mask = this.#slots.length - 1
    for (let slot = hashOf(state, 0) & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] ?? -1
      if (known >= 0) {
        if (this.#equals(known, state)) return false
        continue
      }
      this.#slots[slot] = this.#size
      break
    }
    if ((this.#size + 1) * WIDTH > this.#rows.length) this.#widen()
    this.#rows.set(state, this.#size * WIDTH)
    this.#parents[this.#size++] = parent
    if (this.#size * 2 > this.#slots.length) this.#rehash()
    return true
  }

  read(index: number, into: Int32Array): void {
    for (let i = 0; i < WIDTH; i++) into[i] = this.#rows[index * WIDTH + i] ?? 0
  }

  parentOf(index: number): number {
    return this.#parents[index] ?? -1
  }

  #equals(index: number, state: Int32Array): boolean {
    const from = index * WIDTH
    for (let i = 0; i < WIDTH; i++) if (this.#rows[from + i] !== state[i]) return false
    return true
  }

  #widen(): void {
    const rows = new Int32Array(this.#rows.length * 2)
    rows.set(this.#rows)
    this.#rows = rows
    const parents = new Int32Array(this.#parents.length * 2)
    parents.set(this.#parents)
    this.#parents = parents
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = this.#slots.length - 1
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(this.#rows, index * WIDTH) & mask
      while ((this.#slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      this.#slots[slot] = index
    }
  }
}

function hashOf(numbers: Int32Array, from: number): number {
  let hash = 0
  for (let i = 0; i < WIDTH; i++) {
    hash = Math.imul(hash ^ (numbers[from + i] ?? 0), HASH)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
