import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackfillPorts } from '../../lib/backfill/ports.ts'
import { createNodeClient } from '../../lib/chain/client.ts'
import { enterQuarantine, UNDER_WAY } from '../../lib/crash-recovery/quarantine.ts'
import { recover } from '../../lib/crash-recovery/recover.ts'
import { watchDamage } from '../../lib/crash-recovery/watch.ts'
import { setQuarantine } from '../../lib/monitor/operate/modes.ts'
import { type Stage, setStage } from '../monitor/stage.ts'

let stage: Stage
let ports: BackfillPorts
let monitor: ReturnType<Stage['monitor']>
const baton = { actor: { kind: 'baton', name: 'baton' } } as const
const person = { actor: { kind: 'operator', name: 'ann' } } as const

beforeEach(async () => {
  stage = await setStage({ blockTimeMs: 200 })
  const clients = new Map(
    stage.chain.nodes.map(({ name, consensusUrl, executionUrl }) => [
      name,
      {
        consensus: createNodeClient(consensusUrl, { batch: false, timeoutMs: 2_000 }),
        execution: createNodeClient(executionUrl, { timeoutMs: 2_000 }),
      },
    ]),
  )
  ports = {
    ...stage.ports,
    clients: (node) => clients.get(node) ?? (Promise.reject(new Error(node)) as never),
  }
  monitor = stage.monitor()
  await stage.leads((holder) => holder === 'ada')
})
afterEach(() => stage.close())

const acts = async (node: string) =>
  (await ports.history.list('901', { limit: 100 })).filter((record) => record.node === node).map(({ what }) => what)
const quarantine = async () => (await ports.leases.read('901'))?.quarantine

describe('a recovery', () => {
  test('finds nothing to do on a node that works, and changes nothing', async () => {
    expect(await recover(ports, 'bob', baton)).toMatchObject({ outcome: 'nothing-to-do', damage: { kind: 'none' } })
    expect(await acts('bob')).toEqual([])
    expect(await quarantine()).toEqual({})
  })

  test('never touches the node that sequences, nor one that is not configured', async () => {
    await expect(recover(ports, 'ada', person)).rejects.toMatchObject({ name: 'RefusedActError' })
    await expect(recover(ports, 'eve', person)).rejects.toMatchObject({ name: 'RefusedActError' })
  })

  test('that finds no method keeps the node out, says what was tried, and calls a person', async () => {
    await stage.chain.node('bob').kill('execution')
    await expect(recover(ports, 'bob', baton)).rejects.toMatchObject({ name: 'RecoveryFailedError' })
    expect((await quarantine())?.bob).toMatchObject({
      by: 'baton',
      why: expect.stringContaining('crash recovery failed'),
    })
    const page = (await ports.history.list('901')).find(({ what, node }) => what === 'page' && node === 'bob')
    expect(page?.reasons[0]).toMatchObject({ code: 'recovery-failed', evidence: { methods: 'wait' } })
  }, 30_000)

  test('does not take the last node that could sequence, unless a person asks', async () => {
    await setQuarantine(ports, 'bob', 'spare', 'ann')
    await setQuarantine(ports, 'cyd', 'spare', 'ann')
    await monitor.kill()
    await stage.chain.node('ada').kill('host')
    await setQuarantine(ports, 'bob', undefined, 'ann')
    const recovering = { ports, node: 'bob', signal: new AbortController().signal, onProgress: () => {} }
    await expect(enterQuarantine({ ...recovering, ...baton })).rejects.toMatchObject({ name: 'RefusedActError' })
    expect((await quarantine())?.bob).toBeUndefined()
    await enterQuarantine({ ...recovering, ...person })
    expect((await quarantine())?.bob).toMatchObject({ why: UNDER_WAY, by: 'ann' })
  })

  test('ends at its next step when it is interrupted, and leaves the sign to begin again', async () => {
    const abort = new AbortController()
    await stage.chain.node('bob').kill('execution')
    const interrupted = recover(ports, 'bob', { ...baton, signal: abort.signal, onMethod: () => abort.abort() })
    await expect(interrupted).rejects.toMatchObject({ message: expect.stringContaining('interrupted') })
    expect((await quarantine())?.bob).toMatchObject({ why: UNDER_WAY })
    expect(await acts('bob')).not.toContain('page')
  })
})

describe('a monitor that watches for damage', () => {
  const watched = async (mode: 'auto' | 'ask') => {
    await monitor.kill()
    const watch = watchDamage(ports, mode)
    const second = stage.monitor('second', { onTick: watch.onTick })
    return async () => {
      await watch.close()
      await second.kill()
    }
  }

  test('begins again what a killed Baton began, proves the node, and puts it back', async () => {
    await setQuarantine(ports, 'cyd', UNDER_WAY, 'baton')
    await setQuarantine(ports, 'bob', 'a person has it', 'ann')
    await monitor.kill()
    await stage.chain.node('ada').kill('host')
    const end = await watched('auto')
    await stage.until('it is put back', async () => (await quarantine())?.cyd === undefined)
    expect(await acts('cyd')).toContain('recovered')
    expect((await quarantine())?.bob, 'not ours').toMatchObject({ by: 'ann' })
    await end()
  })

  test('tells a person the command, once, where it may not act', async () => {
    stage.chain.node('cyd').execution.hasState = false
    const end = await watched('ask')
    await stage.until('it is told', async () => (await acts('cyd')).includes('page'))
    await ports.clock.sleep(1_000)
    const pages = (await ports.history.list('901')).filter(({ what, node }) => what === 'page' && node === 'cyd')
    expect(pages.map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([['recovery-wanted', 'state-missing']])
    expect(await quarantine()).toEqual({})
    await end()
  })
})
