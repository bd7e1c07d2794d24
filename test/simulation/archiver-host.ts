import type { Head } from '../../lib/protocol/records.ts'
import type { Process } from '../../lib/simulator/chain/process.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { HostClock } from './clocks.ts'
import { newProcess } from './host-process.ts'
import type { Journal } from './journal.ts'
import { ARCHIVER, CHAIN } from './plan.ts'
import type { Scheduler } from './scheduler.ts'
import type { OnMoment } from './store-network.ts'
import type { SharedStore } from './stores.ts'

const POLL_MS = 250
const BATCH = 10

/** Copies what the stream of heads carries into the archive: at least once, in order, beside the hot path. */
export class ArchiverHost {
  readonly name = ARCHIVER
  readonly clock: HostClock
  readonly process: Process
  readonly #stream: Head[] = []
  readonly #store: SharedStore
  readonly #journal: Journal
  #done = 0

  constructor(scheduler: Scheduler, store: SharedStore, journal: Journal, onAwait?: OnMoment) {
    this.clock = new HostClock(scheduler)
    this.process = newProcess(this.clock, ARCHIVER, onAwait)
    this.#store = store
    this.#journal = journal
  }

  /** Whether everything that was committed is in the archive. */
  get caughtUp(): boolean {
    return this.#done === this.#stream.length
  }

  push(head: Head): void {
    this.#stream.push(head)
  }

  start(): void {
    if (this.process.status !== 'dead') return
    this.process.start()
    void this.#work()
  }

  async #work(): Promise<void> {
    const archive = chainArchive(this.#store.clientOf(this.name, this.process).objects, CHAIN)
    for (;;) {
      await this.process.sleep(POLL_MS)
      if (this.caughtUp) continue
      const batch = this.#stream.slice(this.#done, this.#done + BATCH)
      const results = await Promise.allSettled(batch.map((head) => archive.put(head)))
      if (results.every(({ status }) => status === 'fulfilled')) this.#done += batch.length
      else this.#journal.reach('archiver tried a batch again')
    }
  }
}
