import type { Hex } from 'viem'
import { stalledMs } from './machine.ts'
import { rpc } from './rpc.ts'
import { pause, until } from './wait.ts'

export { assertSameChain, chainDifferences } from './same-chain.ts'

/** A block as a follower's user first saw it. */
export type Sighting = {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  /** Unix seconds, from the header. */
  readonly timestamp: number
  /** Unix milliseconds with fractions, when the poll that showed it was answered. */
  readonly seenAt: number
  /** How long the machine had stood still until then (ms). */
  readonly stalledMs: number
}

/** The time between two blocks that follow each other. */
export type Gap = { readonly from: number; readonly to: number; readonly seconds: number; readonly missedSlots: number }

type RawBlock = Record<'number' | 'hash' | 'parentHash' | 'timestamp', Hex>

const now = () => performance.timeOrigin + performance.now()

/** Watches one execution client's head until it is stopped. */
export class BlockWatch {
  /** Every block in the order seen; after a reorganisation a number comes again with another hash. */
  readonly sightings: Sighting[] = []
  readonly #url: string
  readonly #everyMs: number
  readonly #known = new Set<Hex>()
  readonly #loop: Promise<void>
  #stopped = false

  constructor(url: string, everyMs: number) {
    this.#url = url
    this.#everyMs = everyMs
    this.#loop = this.#watch()
  }

  /** The newest block seen. */
  get head(): Sighting | undefined {
    return this.sightings.at(-1)
  }

  /** The blocks whose number had been seen before with another hash. */
  get replaced(): Sighting[] {
    const first = new Map<number, Hex>()
    return this.sightings.filter(({ number, hash }) => {
      if (!first.has(number)) first.set(number, hash)
      return first.get(number) !== hash
    })
  }

  /** Waits until a block of this number or a higher one was seen. */
  async reached(number: number, withinMs = 60_000): Promise<Sighting> {
    return await until(
      `block ${number} on ${this.#url} (now ${this.head?.number ?? 'none'})`,
      () => this.sightings.findLast((block) => block.number >= number),
      { within: withinMs, every: 10 },
    )
  }

  /** Waits for so many blocks more than now. */
  async more(blocks: number, withinMs = 60_000): Promise<Sighting> {
    return await this.reached((this.head?.number ?? 0) + blocks, withinMs)
  }

  /** Returns once the last poll is answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loop
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const started = performance.now()
      // A client that is away for a while is part of what is watched.
      await this.#look().catch(() => undefined)
      await pause(Math.max(this.#everyMs - (performance.now() - started), 1))
    }
  }

  async #look(): Promise<void> {
    const raw = await rpc<RawBlock>(this.#url, 'eth_getBlockByNumber', ['latest', false], 1_000)
    const seen = { seenAt: now(), stalledMs: stalledMs() }
    const fresh: Sighting[] = []
    for (let block: RawBlock | null = raw; block && !this.#known.has(block.hash); ) {
      fresh.unshift(sighting(block, seen))
      // Blocks below the first one seen are none of ours; a gap or another branch is filled down to what is known.
      if (this.sightings.length === 0 || block.number === '0x0' || this.#known.has(block.parentHash)) break
      block = await rpc<RawBlock | null>(this.#url, 'eth_getBlockByHash', [block.parentHash, false], 1_000)
    }
    for (const block of fresh) this.#known.add(block.hash)
    this.sightings.push(...fresh)
  }
}

function sighting(
  { number, hash, parentHash, timestamp }: RawBlock,
  seen: Pick<Sighting, 'seenAt' | 'stalledMs'>,
): Sighting {
  return { number: Number(number), hash, parentHash, timestamp: Number(timestamp), ...seen }
}

/** Begins to watch the head of the execution client at this URL. */
export function watchBlocks(url: string, { everyMs = 25 }: { everyMs?: number } = {}): BlockWatch {
  return new BlockWatch(url, everyMs)
}

/** The times between blocks as they were seen, and how many slots passed without one while the machine was at work. */
export function gaps(sightings: readonly Sighting[], blockTime: number): Gap[] {
  return sightings.slice(1).map((block, index) => {
    const before = sightings[index] ?? block
    const seconds = (block.seenAt - before.seenAt) / 1_000
    const stalled = (block.stalledMs - before.stalledMs) / 1_000
    return { from: before.number, to: block.number, seconds, missedSlots: missedSlots(seconds - stalled, blockTime) }
  })
}

/** How many blocks should have come in so many seconds in which the machine did not stand still. */
export function missedSlots(seconds: number, blockTime: number): number {
  return Math.max(Math.round(seconds / blockTime) - 1, 0)
}

/**
 * The blocks from the first one that came in its own time. Those before it made up for the start of
 * the sequencer: the first takes about two seconds, the next come in quick succession.
 */
export function inStep(sightings: readonly Sighting[], blockTime: number): Sighting[] {
  const first = sightings.findIndex(({ seenAt, timestamp }) => seenAt / 1_000 - timestamp < blockTime / 2)
  return first < 0 ? [] : sightings.slice(first)
}

/** The longest gap, if there are two blocks. */
export function longestGap(sightings: readonly Sighting[], blockTime: number): Gap | undefined {
  return gaps(sightings, blockTime).toSorted((a, b) => b.seconds - a.seconds)[0]
}
