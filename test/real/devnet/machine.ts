import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** What the kernel calls a clock tick in /proc/stat (ms). */
const TICK_MS = 10

/** Programs of this machine waited for a CPU (PSI): µs in all. */
const waited = () => Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0)
/** The host gave a CPU to another machine: ticks in all, of all CPUs. */
const stolen = () => Number(readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/)[8] ?? 0)

const orNone = (read: () => number): number => {
  try {
    return read()
  } catch {
    return 0
  }
}

/**
 * ms in which this machine kept programs waiting, since it was started; of two answers the difference counts. What
 * passes then is no delay of anything that is tested here. 0 where the kernel does not say.
 */
export function stalledMs(): number {
  return orNone(waited) / 1_000 + (orNone(stolen) * TICK_MS) / availableParallelism()
}
