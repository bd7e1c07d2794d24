import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import type { Cancel } from '../../lib/simulator/chain/clock.ts'
import { quickenNatives } from './quick-natives.ts'
import type { Scheduler } from './scheduler.ts'

const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, sleep: timers.setTimeout }

let current: Scheduler | undefined

/**
 * While a history runs, `setTimeout` of this thread means its virtual time: the gate's and the
 * stores' own deadlines keep to it without knowing.
 */
export async function withVirtualTimers<T>(scheduler: Scheduler, run: () => Promise<T>): Promise<T> {
  install()
  current = scheduler
  try {
    return await run()
  } finally {
    current = undefined
  }
}

/** What `setTimeout` returns, as far as lib uses it. */
function timer(cancel: Cancel) {
  const handle = { cancel, unref: () => handle }
  return handle
}

let installed = false

function install(): void {
  if (installed) return
  installed = true
  quickenNatives()
  const later = (work: (...input: unknown[]) => void, ms = 0, ...input: unknown[]) =>
    current ? timer(current.after(ms, () => work(...input))) : real.setTimeout(work, ms, ...input)
  const clear = (timer: unknown) => {
    if (typeof timer === 'object' && timer !== null && 'cancel' in timer) (timer.cancel as () => void)()
    else real.clearTimeout(timer as NodeJS.Timeout)
  }
  const sleep = <T>(ms: number, value?: T) => {
    const scheduler = current
    if (scheduler === undefined) return real.sleep(ms, value)
    return new Promise<T | undefined>((resolve) => scheduler.after(ms, () => resolve(value)))
  }
  Object.assign(globalThis, { setTimeout: later, clearTimeout: clear })
  Object.assign(timers, { setTimeout: sleep })
  syncBuiltinESMExports()
}
