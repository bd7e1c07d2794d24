import type { Memory } from '../context/memory.ts'
import { followOn, type ProvedWays, provedWays, takeOver } from '../protocol/hand-on.ts'
import type { MonitorLease } from '../store/stores.ts'

/**
 * What one monitor hands on to the next: the ways to the gate that it has proved, so that a run of a minute does not
 * try them all again. It serves only if both have watched the nodes at the same time: the successor's first look must
 * end before the last one of the monitor that ends begins. So the first look must come within half the hand-over from
 * when the successor says that it waits, and the other one must see it wait for the other half at least.
 *
 * All times in ms, monotonic.
 */
export class HandOver {
  readonly #owner: string
  readonly #memory: Memory
  readonly #halfMs: number
  /** As a standby: when it said that it waits, what it saw first, and when another one last had the lease. */
  #saidAt: number | undefined
  #first: ReturnType<typeof followOn> | undefined
  #heldAt: number | undefined
  /** As the active one: the standby that waits, and since when. */
  #awaited: { readonly by: string; readonly since: number } | undefined

  constructor(owner: string, memory: Memory, handOverMs: number) {
    this.#owner = owner
    this.#memory = memory
    this.#halfMs = handOverMs / 2
  }

  /** Another one had the lease at this time. */
  held(at: number): void {
    this.#heldAt = at
  }

  /** The lease says that this monitor waits, since this time or later. */
  waits(at: number): void {
    this.#saidAt ??= at
  }

  /** A turn of this monitor, as a standby, has ended. */
  looked(now: number): void {
    if (this.#first || this.#saidAt === undefined) return
    this.#first = now - this.#saidAt <= this.#halfMs ? followOn(this.#memory.observed) : {}
  }

  /** Takes over what the owner before handed on, from the lease as it was before this monitor took it. */
  begin({ owner: before, waiting, proved }: MonitorLease, now: number): void {
    if (!proved || proved.by !== before || waiting?.owner !== this.#owner || this.#heldAt === undefined) return
    // It was handed on after the last time the other one was seen to have the lease.
    const since = now - this.#heldAt
    for (const [node, { peer, age }] of Object.entries(proved.ways)) {
      const known = this.#memory.observed[node]
      if (!known) continue
      this.#memory.observed[node] = takeOver(known, { peer, age: age + since }, { first: this.#first?.[node], now })
    }
  }

  /** The lease of this monitor says who waits for it. */
  awaited({ waiting }: MonitorLease, now: number): void {
    if (this.#awaited?.by !== waiting?.owner) this.#awaited = waiting && { by: waiting.owner, since: now }
  }

  /** What this monitor hands on after a last look at the nodes that began at `lookedAt`. */
  end(lookedAt: number, now: number): ProvedWays | undefined {
    if (!this.#awaited || lookedAt - this.#awaited.since < this.#halfMs) return undefined
    return provedWays(this.#memory.observed, now)
  }
}
