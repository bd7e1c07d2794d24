import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attemptNext } from '../../../lib/operations/crash-recovery/attempt.ts'
import { enterQuarantine } from '../../../lib/operations/crash-recovery/quarantine.ts'
import { giveUp, recoveringOf } from '../../../lib/operations/crash-recovery/recover.ts'
import { recover } from '../../../lib/operations/crash-recovery/run.ts'
import { watchDamage } from '../../../lib/operations/crash-recovery/watch.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import { UNDER_WAY } from '../../../lib/protocol/quarantine.ts'
import { reason } from '../../../lib/protocol/reason.ts'
import { type RecoveryStage, setRecoveryStage } from '../stage.ts'

const baton = { actor: { kind: 'baton', name: 'baton' } } as const
const person = { actor: { kind: 'operator', name: 'ann' } } as const

let stage: RecoveryStage
beforeEach(async () => {
  stage = await setRecoveryStage()
})
afterEach(() => stage.close())

describe('a recovery', () => {
  test('finds nothing to do on a node that works, and changes nothing', async () => {
    expect(await recover(stage.ports, 'bob', baton)).toMatchObject({
      outcome: 'nothing-to-do',
      damage: { kind: 'none' },
    })
    expect(await stage.acts('bob')).toEqual([])
    expect(await stage.quarantine()).toEqual({})
  })

  test('never touches the node that sequences, nor one that is not configured', async () => {
    await expect(recover(stage.ports, 'ada', person)).rejects.toMatchObject({ name: 'RefusedActError' })
    await expect(recover(stage.ports, 'eve', person)).rejects.toMatchObject({ name: 'RefusedActError' })
  })

  test('that finds no method keeps the node out, says what was tried, and calls a person', async () => {
    await stage.chain.node('bob').kill('execution')
    await expect(recover(stage.ports, 'bob', baton)).rejects.toMatchObject({ name: 'RecoveryFailedError' })
    expect((await stage.quarantine())?.bob).toMatchObject({
      by: 'baton',
      why: expect.stringContaining('crash recovery failed'),
    })
    const page = (await stage.ports.history.list('901')).find(({ what, node }) => what === 'page' && node === 'bob')
    expect(page?.reasons[0]).toMatchObject({ code: 'recovery-failed', evidence: { methods: 'wait' } })
  }, 30_000)

  test('does not take the last node that could sequence, unless a person asks', async () => {
    await setQuarantine(stage.ports, 'cyd', 'spare', 'ann')
    await stage.standStill()
    const recovering = { ...recoveringOf(stage.ports, 'bob', baton), owner: 'run-1' }
    await expect(enterQuarantine({ ...recovering, ...baton })).rejects.toMatchObject({ name: 'RefusedActError' })
    expect((await stage.quarantine())?.bob).toBeUndefined()
    await enterQuarantine({ ...recovering, ...person })
    expect((await stage.quarantine())?.bob).toMatchObject({ why: UNDER_WAY, by: 'ann' })
  })

  test('ends at its next step when it is interrupted, and leaves the sign to begin again', async () => {
    const abort = new AbortController()
    await stage.chain.node('bob').kill('execution')
    const interrupted = recover(stage.ports, 'bob', {
      ...baton,
      signal: abort.signal,
      report: () => abort.abort(),
    })
    await expect(interrupted).rejects.toMatchObject({ message: expect.stringContaining('interrupted') })
    expect((await stage.quarantine())?.bob).toMatchObject({ kind: 'recovery', by: 'baton' })
    expect((await stage.quarantine())?.bob, 'no process is at work any more').not.toHaveProperty('owner')
    expect(await stage.acts('bob')).not.toContain('page')
  })
})

describe('a node that another process recovers', () => {
  test('is refused while they are at work, and taken over from one that is silent for long', async () => {
    await stage.begun('bob', 'baton')
    await expect(recover(stage.ports, 'bob', person)).rejects.toMatchObject({
      name: 'RefusedActError',
      message: expect.stringContaining('baton recovers bob, and was heard of'),
      remedy: expect.stringContaining('baton quarantine bob --why TEXT'),
    })
    expect((await stage.quarantine())?.bob).toMatchObject({ why: UNDER_WAY, by: 'baton' })

    const { clock } = stage.ports
    const later = { ...stage.ports, clock: { ...clock, now: () => clock.now() + 31 * 60_000 } }
    expect(await recover(later, 'bob', person)).toMatchObject({ outcome: 'recovered' })
    expect(await stage.quarantine()).toEqual({})
  }, 30_000)

  test.each([
    ['takes it over', 'left to others: bea keeps it out (mine)', { bob: { why: 'mine', by: 'bea' } }],
    ['puts it back', 'left to others: it was released', {}],
  ])('a person %s meanwhile: it is not touched any more, and no one is called', async (_, why, left) => {
    await stage.chain.node('bob').kill('execution')
    await enterQuarantine(recoveringOf(stage.ports, 'bob', baton))
    await setQuarantine(stage.ports, 'bob', 'bob' in left ? 'mine' : undefined, 'bea')
    const attempts = { startedAt: Date.now(), from: 0n, tried: [], steps: [] }
    const recovering = recoveringOf(stage.ports, 'bob', baton)
    const refused: unknown = await attemptNext(recovering, attempts).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'RefusedActError', message: expect.stringContaining(why) })
    await giveUp(recovering, attempts, refused)
    expect(await stage.quarantine()).toMatchObject(left)
    expect(Object.keys((await stage.quarantine()) ?? {})).toEqual(Object.keys(left))
    expect(await stage.acts('bob')).not.toContain('page')
  })
})

test('a leader that sequences again while it is recovered is well: it is put back, no one is called', async () => {
  await stage.begun('ada', 'baton')
  expect(await recover(stage.ports, 'ada', baton)).toMatchObject({ outcome: 'sequences' })
  expect(await stage.quarantine()).toEqual({})
  expect((await stage.acts('ada')).slice(0, 2)).toEqual(['recovered', 'quarantine'])

  await stage.begun('ada', 'baton')
  const begun = { startedAt: Date.now(), from: 0n, tried: [], steps: [] }
  const recovering = recoveringOf(stage.ports, 'ada', baton)
  expect(await giveUp(recovering, begun, new Error('it sequences'))).toBe('sequences')
  expect(await stage.quarantine()).toEqual({})
  expect(await stage.acts('ada')).not.toContain('page')
})

describe('a monitor that watches for damage', () => {
  const watched = async (mode: 'auto' | 'ask') => {
    await stage.endMonitor()
    const watch = watchDamage(stage.ports, mode)
    const second = stage.monitor('second', { onTick: watch.onTick })
    return async () => {
      await watch.close()
      await second.kill()
    }
  }

  test('begins again what a killed Baton began, proves the node, and puts it back', async () => {
    await stage.begun('cyd', 'baton')
    await setQuarantine(stage.ports, 'bob', 'a person has it', 'ann')
    await stage.standStill()
    const end = await watched('auto')
    await stage.until('it is put back', async () => (await stage.quarantine())?.cyd === undefined)
    await stage.until('it is reported', async () => (await stage.acts('cyd')).includes('recovered'))
    expect((await stage.quarantine())?.bob, 'not ours').toMatchObject({ by: 'ann' })
    await end()
  })

  test('works at once on a node that a person put right since it failed there', async () => {
    const { execution } = stage.chain.node('cyd')
    const begun = async () => (await stage.acts('cyd')).filter((what) => what === 'recovery').length
    execution.hasState = false
    const end = await watched('auto')
    await stage.until('it failed', async () => (await stage.acts('cyd')).includes('recovery-failed'))
    execution.hasState = true
    await setQuarantine(stage.ports, 'cyd', undefined, 'ann')
    // So long that the monitor sees it well.
    await stage.ports.clock.sleep(2_000)
    const before = await begun()
    execution.hasState = false
    await stage.until('it is worked on again', async () => (await begun()) > before)
    await end()
  })

  test('does not work again and again on a node that works: what it finds nothing at may pass by itself', async () => {
    await stage.endMonitor()
    const ended: unknown[] = []
    const info = (message: string, more?: object) => void (/^crash recovery ended/.test(message) && ended.push(more))
    const ports = { ...stage.ports, log: { ...stage.ports.log, info } }
    const watch = watchDamage(ports, 'auto')
    // op-node ended three times by hand and is back: the sign of a loop stands for two minutes.
    const loops = { damage: [reason('crash-loop', { ends: 3, seconds: 120, awayMs: 0, latest: '7' }, 'bob')] }
    const second = stage.monitor('second', {
      onTick: (ticked) => {
        const verdicts = ticked.decision.verdicts.map((one) => (one.node === 'bob' ? { ...one, ...loops } : one))
        watch.onTick({ ...ticked, decision: { ...ticked.decision, verdicts } }, true)
      },
    })
    await stage.until('it was looked at', () => ended.length > 0)
    await stage.ports.clock.sleep(6_000)
    expect(ended).toEqual([expect.objectContaining({ node: 'bob', outcome: 'nothing-to-do' })])
    await watch.close()
    await second.kill()
  })

  test('gives a person the command, once, where it may not act', async () => {
    stage.chain.node('cyd').execution.hasState = false
    const end = await watched('ask')
    await stage.until('it is reported', async () => (await stage.acts('cyd')).includes('page'))
    await stage.ports.clock.sleep(1_000)
    const pages = (await stage.ports.history.list('901')).filter(({ what, node }) => what === 'page' && node === 'cyd')
    expect(pages.map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([['recovery-wanted', 'state-missing']])
    expect(await stage.quarantine()).toEqual({})
    await end()
  })
})
