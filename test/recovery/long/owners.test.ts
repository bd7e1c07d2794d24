import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crashRecovery } from '../../../lib/operations/crash-recovery/operation.ts'
import { refuseUnlessOurs, whileAtWork } from '../../../lib/operations/crash-recovery/quarantine.ts'
import { beginRecovery, recoveringOf } from '../../../lib/operations/crash-recovery/recover.ts'
import { mayRepair, requestedNodes, requestRecoveries } from '../../../lib/operations/crash-recovery/requests.ts'
import { recover } from '../../../lib/operations/crash-recovery/run.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import type { Verdict } from '../../../lib/protocol/decision.ts'
import { SILENT_MS } from '../../../lib/protocol/quarantine.ts'
import { runMachine } from '../../operations/run-machine.ts'
import { type RecoveryStage, setRecoveryStage } from '../stage.ts'

const baton = { actor: { kind: 'baton', name: 'baton' } } as const
const ann = { actor: { kind: 'operator', name: 'ann' } } as const

let stage: RecoveryStage
beforeEach(async () => {
  stage = await setRecoveryStage()
})
afterEach(() => stage.close())

const statuses = async (runs: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(runs)).map(({ status }) => status).toSorted()
/** The same ports, so many ms later. */
const later = (ms: number) => {
  const { clock } = stage.ports
  return { ...stage.ports, clock: { ...clock, now: () => clock.now() + ms } }
}
const begins = (what: { readonly actor: typeof ann.actor | typeof baton.actor; owner?: string }, ports = stage.ports) =>
  beginRecovery(recoveringOf(ports, 'bob', what))
const bob = async () => (await stage.quarantine())?.bob

describe('of two recoveries of one node', () => {
  test.each([
    ['both by Baton, begun by one alarm', baton, baton],
    ['both by one person', ann, ann],
    ['by a person and by Baton', ann, baton],
  ])('%s, in the same moment: exactly one goes on', async (_, first, second) => {
    await stage.chain.node('bob').kill('execution')
    expect(await statuses([begins(first), begins(second)])).toEqual(['fulfilled', 'rejected'])
    expect((await stage.acts('bob')).filter((what) => what === 'recovery')).toHaveLength(1)
  })

  test('a second one of the same person is refused while the first is heard of, and may follow when it is not', async () => {
    await stage.chain.node('bob').kill('execution')
    await begins(ann)
    await expect(begins(ann)).rejects.toMatchObject({
      name: 'RefusedActError',
      message: expect.stringMatching(/^ann recovers bob, and was heard of \d s ago$/),
    })
    await expect(begins(baton, later(SILENT_MS - 5_000))).rejects.toThrow('ann recovers bob')
    const owner = (await bob())?.owner
    await begins(baton, later(SILENT_MS + 1_000))
    expect(await bob()).toMatchObject({ by: 'baton', kind: 'recovery' })
    expect((await bob())?.owner).not.toBe(owner)
  })

  test('the same one may begin again: the answer of a first call was lost', async () => {
    await stage.chain.node('bob').kill('execution')
    const owned = { ...baton, owner: 'run-1' }
    await begins(owned)
    await begins(owned)
    expect(await bob()).toMatchObject({ owner: 'run-1' })
  })

  test('one that was silent and lives after all ends where it is', async () => {
    await stage.chain.node('bob').kill('execution')
    const first = recoveringOf(stage.ports, 'bob', baton)
    await beginRecovery(first)
    await begins(ann, later(SILENT_MS + 1_000))
    await expect(refuseUnlessOurs(first)).rejects.toThrow('bob is left to others: ann keeps it out')
    expect(await bob()).toMatchObject({ by: 'ann' })
  })
})

test('at work it is heard of again and again; once others have the node, it begins nothing more', async () => {
  await stage.chain.node('bob').kill('execution')
  const { clock } = stage.ports
  // A pause of 15 s takes a fiftieth of that.
  const hasty = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms / 50, signal) }
  const recovering = recoveringOf({ ...stage.ports, clock: hasty }, 'bob', baton)
  await beginRecovery(recovering)
  const begun = (await bob())?.heardAt ?? 0
  const aborted = whileAtWork(recovering, async ({ signal }) => {
    await stage.until('it is heard of', async () => ((await bob())?.heardAt ?? 0) > begun)
    await setQuarantine(stage.ports, 'bob', 'mine', 'bea')
    await stage.until('it ends', () => signal.aborted)
    return signal.reason as unknown
  })
  expect(await aborted).toMatchObject({ message: expect.stringContaining('bea keeps it out (mine)') })
  expect(await bob()).toMatchObject({ by: 'bea', why: 'mine' })
})

test('the words of a person are no lock: "crash recovery" written by hand is taken over by a recovery that is asked for', async () => {
  await setQuarantine(stage.ports, 'bob', 'crash recovery', 'bea')
  expect(await recover(stage.ports, 'bob', ann)).toMatchObject({ outcome: 'recovered' })
}, 30_000)

describe('a recovery of Baton that was cut short', () => {
  const verdict = { node: 'bob', role: 'standby', reasons: [] } as unknown as Verdict
  const may = async (ms: number) => mayRepair(verdict, await stage.ports.leases.read('901'), Date.now() + ms)

  test('is begun again once it is silent, damaged or not; one of a person is left to that person', async () => {
    await stage.chain.node('bob').kill('execution')
    await begins(baton)
    expect([await may(0), await may(SILENT_MS + 1_000)]).toEqual([false, true])
    await begins(ann, later(SILENT_MS + 1_000))
    expect(await may(10 * SILENT_MS)).toBe(false)
  })

  test('is asked for on AWS too, where a monitor starts nothing itself', async () => {
    await stage.begun('bob', 'baton', { kind: 'recovery', owner: 'dead', heardAt: 1 })
    const second = stage.monitor('second', { onTick: requestRecoveries(stage.ports) })
    await stage.endMonitor()
    await stage.until('it is asked for', async () => (await stage.acts('bob')).includes('page'))
    await second.kill()
    expect(await requestedNodes(stage.ports)).toEqual(['bob'])
  })
})

describe('executions', () => {
  const run = (input: object, name: string) =>
    runMachine(crashRecovery, stage.ports, { chain: '901', by: 'baton', ...input }, { name })

  test('two of one alarm: one recovers, the other ends quietly', async () => {
    stage.chain.node('bob').execution.hasState = false
    const second = stage.monitor('second', { onTick: requestRecoveries(stage.ports) })
    await stage.endMonitor()
    await stage.until('it is asked for', async () => (await stage.acts('bob')).includes('page'))
    await second.kill()
    await stage.standStill()
    const both = [run({}, 'event-1-a'), run({}, 'event-1-b')]
    await stage.until('it is begun', async () => (await bob())?.owner !== undefined)
    expect((await bob())?.owner).toMatch(/^event-1-[ab]$/)
    stage.chain.node('bob').execution.hasState = true
    const ends = (await Promise.all(both)).map(({ path }) => path.at(-1))
    expect(ends).toContain('Nothing to do')
    expect(ends.every((end) => end === 'Nothing to do' || end === 'Another has it')).toBe(true)
    expect((await stage.acts('bob')).filter((what) => what === 'recovery')).toHaveLength(1)
    expect(await stage.quarantine()).toEqual({})
  }, 60_000)

  test('a second one for a node that is named ends by name; a person is notified why', async () => {
    await stage.begun('bob', 'baton', { kind: 'recovery', owner: 'first', heardAt: Date.now() })
    expect((await run({ node: 'bob' }, 'second')).path.at(-1)).toBe('Another has it')
    const refused = await run({ node: 'bob', by: 'ann' }, 'third')
    expect(refused.path.at(-1)).toBe('Not begun')
    expect(refused.error?.message).toContain('baton recovers bob, and was heard of')
    expect(await bob()).toMatchObject({ owner: 'first' })
  })
})
