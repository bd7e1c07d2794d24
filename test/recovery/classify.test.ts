import { expect, test } from 'vitest'
import { classify, type Damage, formatDamage } from '../../lib/operations/crash-recovery/classify.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import type { Answer, ConsensusView, ExecutionView, Observation } from '../../lib/protocol/observation.ts'
import { hashOf, l2 } from '../protocol/scene.ts'

const HEAD = { number: 100n, hash: hashOf(100n) }

const failed = (failure: 'refused' | 'timeout' | 'credential' | 'method' | 'other'): Answer<never> => ({
  ok: false,
  failure,
  message: 'x',
})
const execution = (changes: Partial<ExecutionView> = {}): Answer<ExecutionView> => {
  const latest = changes.latest ?? HEAD
  const at = { number: 100n, hash: latest.number >= 100n ? HEAD.hash : null }
  return { ok: true, value: { latest, at, state: { ok: true }, ...changes } }
}
const l1 = { number: 1n, hash: hashOf(1n), timestamp: 0n }
const view = { sequencing: false, unsafe: l2(100n), safe: l2(1n), finalized: l2(1n), headL1: l1, currentL1: l1 }
const up: Answer<ConsensusView> = { ok: true, value: view }
const upAt = (number: bigint): Answer<ConsensusView> => ({ ok: true, value: { ...view, unsafe: l2(number) } })
const look = (el: Answer<ExecutionView>, cl: Answer<ConsensusView> = up): Observation => ({
  node: 'a',
  at: 0,
  consensus: cl,
  execution: el,
})
const at = (number: bigint) => ({ number, hash: hashOf(number) })

/** Two like looks, unless there was another one before. */
const kind = (now: Observation, before = now, committed?: Hash) => classify({ before, now, head: HEAD, committed }).kind

test.each<[string, Observation, Damage['kind']]>([
  ['at the head', look(execution()), 'none'],
  ['two blocks behind, as followers are', look(execution({ latest: at(98n) }), upAt(98n)), 'none'],
  ['refuses connections', look(failed('refused')), 'execution-down'],
  ['both refuse', look(failed('refused'), failed('refused')), 'execution-down'],
  ['silent', look(failed('timeout')), 'unknown'],
  ['rejects us', look(failed('credential')), 'unknown'],
  [
    'no state of its newest block',
    look(execution({ state: { ok: false, message: 'missing trie node' } })),
    'state-missing',
  ],
  [
    'no state, and behind with blocks above',
    look(execution({ latest: at(5n), stored: at(6n), state: { ok: false, message: '' } })),
    'state-missing',
  ],
  ['blocks above the newest', look(execution({ latest: at(0n), stored: at(1n) })), 'state-lost'],
  [
    'blocks above, op-node in a crash loop',
    look(execution({ latest: at(0n), stored: at(1n) }), failed('refused')),
    'state-lost',
  ],
  ['blocks above, but it syncs', look(execution({ latest: at(9n), stored: at(10n), syncing: true })), 'syncing'],
  ['far behind, standing still', look(execution({ latest: at(7n) }), upAt(7n)), 'behind'],
  ['far behind, op-node down', look(execution({ latest: at(7n) }), failed('refused')), 'behind'],
  ['far behind, op-node silent', look(execution({ latest: at(7n) }), failed('timeout')), 'unknown'],
  ['its client short of what op-node names', look(execution({ latest: at(74n) })), 'execution-short'],
  ['the same by one block', look(execution({ latest: at(99n) })), 'execution-short'],
  ['short, with blocks stored above', look(execution({ latest: at(74n), stored: at(75n) })), 'state-lost'],
  ['well, op-node down', look(execution(), failed('refused')), 'consensus-down'],
  [
    'another block at the committed height',
    look(execution({ latest: at(101n), at: { number: 100n, hash: hashOf(100n, 1) } })),
    'forked',
  ],
])('%s: %3$s', (_, now, expected) => {
  const damage = classify({ before: now, now, head: HEAD })
  expect(damage.kind).toBe(expected)
  expect(formatDamage(damage)).not.toContain('undefined')
})

test('a node that moves between two looks catches up, whatever is stored above it', () => {
  const before = look(execution({ latest: at(5n) }))
  expect(kind(look(execution({ latest: at(9n), stored: at(10n) })), before)).toBe('catching-up')
  expect(kind(look(execution({ latest: at(9n), syncing: true })), before)).toBe('catching-up')
  const snap = (syncMark: string) => look(execution({ latest: at(0n), syncing: true, syncMark }))
  expect(kind(snap('2'), snap('1')), 'no block, and its accounts grow').toBe('catching-up')
  expect(kind(snap('1'), snap('1'))).toBe('syncing')
})

test('another hash than the committed one is a fork, at genesis another chain', () => {
  const behind = look(execution({ latest: at(7n), stored: at(8n) }))
  expect(kind(behind, behind, hashOf(7n, 1))).toBe('forked')
  expect(kind(behind, behind, hashOf(7n))).toBe('state-lost')
  const empty = look(execution({ latest: at(0n) }), failed('refused'))
  expect(kind(empty, empty, hashOf(0n, 1))).toBe('foreign')
})
