import { describe, expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { carryOut } from '../../lib/monitor/carry-out.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import { setMode } from '../../lib/protocol/control.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { setStage } from './stage.ts'
import { virtualFleet } from './virtual-fleet.ts'

test('a grant whose write lost against an order is not recorded as made', async () => {
  const stage = await setStage()
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await kill()
  const { ports } = stage
  const memory = freshMemory()
  const view = await observeChain(ports, memory)
  const before = await ports.leases.read('901')
  if (!before) throw new Error('there is no lease')
  await ports.leases.write('901', setMode(before, 'paused', 'ann', ports.clock.now()))
  const grant = {
    to: 'bob',
    cause: { code: 'stalled', by: 'baton' },
    overLease: true,
    automatic: true,
    sameRound: false,
    leaseMs: 3_000,
  } as const
  const next = await carryOut(ports, memory, view, { act: 'grant', grant, reasons: [reason('stalled', { ageMs: 9 })] })
  expect(next).toBe('look')
  expect((await ports.leases.read('901'))?.term).toBe(before.term)
  const reported = await ports.history.list('901')
  expect(reported.filter(({ what, node }) => what === 'grant' && node === 'bob')).toEqual([])
  await stage.close()
})

describe('a grant is in the history once, with who was granted, when and why', () => {
  type Loss = {
    /** Answers of the write of the grant, or of its record, that are lost after they were applied or before. */
    readonly lost: 'grant' | 'record' | 'none'
    /** The monitor that granted ends at once; another one goes on. */
    readonly dies: boolean
  }

  /** A chain whose leader dies, and what its history says of the term granted then. */
  async function granted({ lost, dies }: Loss) {
    const fleet = virtualFleet()
    await fleet.begin()
    const first = new AbortController()
    const { leases, history } = fleet.ports
    let left = 2
    const losing: ChainPorts = {
      ...fleet.ports,
      leases: {
        ...leases,
        async write(chain, write) {
          const written = await leases.write(chain, write)
          if (write.set.term !== 2) return written
          if (dies) first.abort()
          if (lost === 'grant') throw new StoreUnavailableError('write', 'Leases/901', new Error('no answer'))
          return written
        },
      },
      history: {
        ...history,
        async append(record) {
          if (lost === 'record' && record.what === 'grant' && record.term === 2 && left-- > 0)
            throw new StoreUnavailableError('append', 'History/901', new Error('no answer'))
          await history.append(record)
        },
      },
    }
    void runMonitor(losing, { owner: 'm1', signal: first.signal })
    await fleet.run(10_000)
    fleet.kill('ada')
    await fleet.run(1_500)
    const second = new AbortController()
    if (dies) void runMonitor(fleet.ports, { owner: 'm2', signal: second.signal })
    await fleet.run(20_000)
    const lease = await leases.read('901')
    const reported = (await history.list('901', { limit: 1_000 })).filter(({ what }) => what === 'grant')
    first.abort()
    second.abort()
    fleet.halt()
    return { lease, reported }
  }

  test.each<Loss>([
    { lost: 'none', dies: false },
    { lost: 'none', dies: true },
    { lost: 'grant', dies: false },
    { lost: 'grant', dies: true },
    { lost: 'record', dies: false },
    { lost: 'record', dies: true },
  ])('$lost lost, the monitor ends: $dies', async (loss) => {
    const { lease, reported } = await granted(loss)
    expect(lease).toMatchObject({ leader: 'bob', term: 2 })
    expect(reported.map(({ term }) => term)).toEqual([2, 1])
    const [{ at, node, actor, reasons = [] } = {}] = reported
    expect({ at, node, actor }).toEqual({ at: lease?.grantedAt, node: 'bob', actor: { kind: 'baton', name: 'baton' } })
    const [why] = reasons
    if (!loss.dies) expect(why?.code).toBe(lease?.cause.code)
    else if (loss.lost !== 'none')
      expect(why).toMatchObject({ code: 'grant-found', evidence: { cause: lease?.cause.code, by: 'baton' } })
  })

  test('a head that an operator placed is no grant, and a lease that was seeded is none', async () => {
    const fleet = virtualFleet()
    await fleet.begin()
    const end = fleet.watch()
    await fleet.run(10_000)
    const head = await fleet.ports.heads.read('901')
    if (!head) throw new Error('there is no head')
    await fleet.ports.leases.write('901', { set: { mode: 'paused', orders: 1 }, when: { is: 'all', of: [] } })
    await fleet.ports.heads.write('901', {
      set: { leader: '', term: 2, fencedAt: fleet.now() },
      when: { is: 'all', of: [] },
    })
    await fleet.run(10_000)
    end()
    const reported = (await fleet.ports.history.list('901')).filter(({ what }) => what === 'grant')
    expect(reported.map(({ term }) => term)).toEqual([1])
    fleet.halt()
  })
})
