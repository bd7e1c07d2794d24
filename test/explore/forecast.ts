import { seedLease } from '../../lib/protocol/bootstrap.ts'
import { OVERRIDDEN } from '../../lib/protocol/quarantine.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import type { Written } from '../../lib/protocol/write.ts'
import { GENESIS } from './blocks.ts'
import type { Act } from './operators.ts'
import { type Call, type Reply, replay } from './replay.ts'
import { CHAIN } from './scope.ts'

/** Records a program might be shown. */
type Samples = { readonly head?: Head; readonly lease?: Lease }
/** How a program might be answered from now on, always in the same way. */
type Course = { readonly samples: Samples; readonly writes: 'applied' | 'kept' | 'lost' }

/** More requests than any program makes that is answered. */
const MOST = 12

function coursesOf({ stage }: Act): readonly Course[] {
  const head: Head = {
    ...(stage.chain[0] ?? GENESIS),
    chain: CHAIN,
    leader: stage.sequencing ?? 'n1',
    term: 1,
    committedTerm: 0,
    committedAt: 0,
    fencedAt: 0,
  }
  const lease = { ...seedLease('n1', 1, { kind: 'baton', name: 'baton' }, 0).set, chain: CHAIN } as Lease
  const aside = { since: 0, why: OVERRIDDEN, by: 'sample', kind: 'override' }
  const ordered: Lease = {
    ...lease,
    mode: 'paused',
    orders: 1,
    quarantine: { n1: aside, n2: aside },
    switchover: { id: 'sample', to: 'n2', notBefore: 0, by: 'sample', force: false },
  }
  const plain = { head, lease }
  return [
    { samples: plain, writes: 'applied' },
    { samples: plain, writes: 'kept' },
    { samples: plain, writes: 'lost' },
    { samples: { head: { ...head, leader: '' }, lease: ordered }, writes: 'applied' },
    { samples: { lease: { ...lease, leader: '' } }, writes: 'applied' },
    { samples: {}, writes: 'applied' },
  ]
}

/**
 * What a program would ask from here on, on a few courses it may take, in words. Two that would ask the same on all of
 * them are one: what they were shown before differs in nothing they still use.
 */
export async function forecast(
  act: Act,
  by: string,
  replies: readonly Reply[],
  nodes: number,
  show: (call: Call, replies: readonly Reply[]) => string,
): Promise<string> {
  const reported: string[] = []
  for (const course of coursesOf(act)) {
    const given: Reply[] = [...replies]
    const stand = await replay(act, by, nodes, (call, n) => {
      const known = given[n]
      if (known) return known
      reported.push(show(call, given))
      if (n >= replies.length + MOST) return undefined
      const reply = answer(call, course)
      given.push(reply)
      return reply
    })
    reported.push('end' in stand ? stand.end : '…', '|')
  }
  return reported.join()
}

function answer({ table, asks }: Call, { samples, writes }: Course): Reply {
  const item = table === 'heads' ? samples.head : samples.lease
  if (asks === 'read') return { is: 'read', item }
  if (writes === 'lost') return { is: 'lost' }
  const written = writes === 'applied' ? { applied: true, item } : { applied: false, old: item }
  return { is: 'written', written: written as Written<Head> | Written<Lease> }
}

/** Answers to a read that are as different as can be. */
export function anyAnswers(act: Act, table: Call['table']): Reply[] {
  const items = coursesOf(act).map(({ samples }) => (table === 'heads' ? samples.head : samples.lease))
  return [{ is: 'lost' }, ...items.map((item): Reply => ({ is: 'read', item }))]
}
