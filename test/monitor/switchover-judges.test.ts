import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { takeStep } from '../../lib/operations/engine/take-step.ts'
import { awaitSwitchover } from '../../lib/operations/switchover/await.ts'
import { switchover as operation } from '../../lib/operations/switchover/operation.ts'
import { seeLead } from '../../lib/operations/upgrade/lead.ts'
import { cancelSwitchover, previewSwitchover, switchover } from '../../lib/operator/switchover.ts'
import { askedOf } from '../../lib/operator/switchover-once.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence, type Grant, grant } from '../../lib/protocol/grant.ts'
import type { AskedSwitchover } from '../../lib/protocol/outcome.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import { headOf, running } from '../disaster/standing.ts'
import { l2 } from '../protocol/scene.ts'

let stage: Awaited<ReturnType<typeof running>>
beforeEach(async () => {
  stage = await running()
  await stage.killMonitor()
})
afterEach(() => stage.close())

async function leaseOf(): Promise<Lease> {
  const lease = await stage.ports.leases.read('901')
  if (!lease) throw new Error('the chain has no lease')
  return lease
}

/** A grant as the monitor writes it; the fence is another write. */
async function give(to: string, cause: Grant['cause']): Promise<Lease> {
  const lease = await leaseOf()
  const terms = { overLease: true, automatic: false, sameRound: false, leaseMs: 6_000 }
  await stage.ports.leases.write('901', grant(lease, { to, cause, ...terms }, Date.now()))
  return await leaseOf()
}

async function fenceAndCommit({ leader, term }: Lease): Promise<Head> {
  await stage.ports.heads.write('901', fence(leader, term, Date.now()))
  const { number, hash } = await headOf(stage)
  const block = { ...l2(number + 1n), parentHash: hash }
  await stage.ports.heads.commit('901', commit(leader, block, { payload: new Uint8Array([1]) }, Date.now()))
  return await headOf(stage)
}

/** A step of the state machine. */
const take = (step: string, input: object, state = {}) =>
  takeStep(operation, stage.ports, { step, owner: 'run-1', input: { chain: '901', by: 'ann', ...input }, state })
const console = async (asked: AskedSwitchover) => {
  const { outcome, text } = await take('Watch', {}, { asked })
  return { outcome, text }
}

/** What the command, the state machine and the upgrade say of one switchover. */
async function verdicts(asked: AskedSwitchover) {
  const upgrade = await seeLead(stage.ports, asked, asked.to ?? 'bob').then(
    () => 'leads',
    (error: Error) => error.message,
  )
  return { cli: await awaitSwitchover(stage.ports, asked), console: await console(asked), upgrade }
}

describe('one switchover, one verdict', () => {
  test('without a target, and a failover came first: it has moved', async () => {
    const asked = askedOf(await switchover(stage.ports, { by: 'ann' }))
    await fenceAndCommit(await give('bob', { code: 'consensus-refused', by: 'baton' }))
    expect(await verdicts(asked)).toMatchObject({
      cli: { result: { outcome: 'moved', leader: 'bob' }, exit: 'ok' },
      console: { outcome: 'moved', text: expect.stringContaining('bob leads') },
      upgrade: 'leads',
    })
  })

  test('to a node, and a failover to another one came first', async () => {
    const asked = askedOf(await switchover(stage.ports, { to: 'cyd', by: 'ann' }))
    await fenceAndCommit(await give('bob', { code: 'consensus-refused', by: 'baton' }))
    expect(await verdicts(asked)).toMatchObject({
      cli: { result: { outcome: 'overtaken', leader: 'bob' }, exit: 'failed' },
      console: { outcome: 'overtaken', text: expect.stringContaining('another move came first') },
      upgrade: expect.stringContaining('another move came first: bob leads'),
    })
  })

  test('withdrawn: nothing moved, and each names who took it back', async () => {
    const asked = askedOf(await switchover(stage.ports, { to: 'cyd', by: 'ann' }))
    await cancelSwitchover(stage.ports, 'bea')
    expect(await verdicts(asked)).toMatchObject({
      cli: { result: { outcome: 'withdrawn', by: 'bea' }, exit: 'refused', message: 'withdrawn by bea' },
      console: { outcome: 'withdrawn', text: 'withdrawn by bea' },
      upgrade: expect.stringContaining('withdrawn by bea'),
    })
  })
})

test('a grant that is not fenced yet: the command and the state machine refuse what the monitor would not do', async () => {
  await give('bob', { code: 'stalled', by: 'baton' })
  const plan = await previewSwitchover(stage.ports, { to: 'cyd', by: 'ann' })
  expect(plan).toMatchObject({ refused: expect.stringContaining('is granted but the head is fenced at') })
  expect(await take('Check', { to: 'cyd', dryRun: true })).toMatchObject({ outcome: 'unfit', text: plan.refused })
})
