import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Host } from '../../../lib/host/host.ts'
import type { Recovering } from '../../../lib/operations/crash-recovery/ports.ts'
import { emptyExecution, without } from '../../../lib/operations/crash-recovery/remedies.ts'
import type { Head } from '../../../lib/protocol/records.ts'
import { simulatedHost } from '../../../lib/simulator/chain/host.ts'
import { type RecoveryStage, setRecoveryStage } from '../stage.ts'

let stage: RecoveryStage
/** The steps that were begun on the machine, and the one that is under way when a person interrupts. */
let begun: string[]
let interruptAt: string
let abort: AbortController

beforeEach(async () => {
  stage = await setRecoveryStage()
  begun = []
  abort = new AbortController()
})
afterEach(() => stage.close())

/** The machine of bob, which like a real one ends a step whose signal aborts, and begins none after that. */
function interruptedHost(): Host {
  const machine = simulatedHost(stage.chain.node('bob'))
  return {
    async run(step, parameters, signal) {
      signal?.throwIfAborted()
      begun.push(step)
      if (step === interruptAt) abort.abort()
      signal?.throwIfAborted()
      if (step !== 'empty-execution') return await machine.run(step, parameters)
      return { step, exitCode: 0, stdout: '', stderr: '', ms: 0 }
    },
  }
}

function recovering(): Recovering {
  const ports = { ...stage.ports, host: interruptedHost }
  const actor = { kind: 'operator', name: 'ann' } as const
  return { ports, node: 'bob', actor, owner: 'run-1', signal: abort.signal, onProgress: () => {} }
}

/** Whether both processes of bob answer. */
async function answers(): Promise<boolean> {
  const { consensus, execution } = await stage.ports.port('bob').observe(undefined)
  return consensus.ok && execution.ok
}

const emptying = ['stop-consensus', 'stop-execution', 'empty-execution', 'start-execution', 'start-consensus']

test.each([
  ['stop-consensus', ['stop-consensus', 'start-consensus']],
  ['stop-execution', ['stop-consensus', 'stop-execution', 'start-execution', 'start-consensus']],
  ['empty-execution', emptying],
  ['start-execution', emptying],
])('interrupted during %s, it starts again what it stopped', async (at, steps) => {
  interruptAt = at
  const head = (await stage.ports.heads.readWithPayload('901')) as Head
  await expect(emptyExecution(recovering(), head)).rejects.toThrow()
  expect(begun).toEqual(steps)
  expect(await answers()).toBe(true)
})

test('interrupted before anything was stopped, it stops nothing', async () => {
  abort.abort()
  await expect(without(recovering(), 'consensus', async () => {})).rejects.toThrow('aborted')
  expect(begun).toEqual([])
})
