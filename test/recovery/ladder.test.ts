import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Abilities,
  nextRemedy,
  remediesFor,
  type Tried,
} from '../../lib/operations/crash-recovery/choose-remedy.ts'
import type { Damage } from '../../lib/operations/crash-recovery/classify.ts'
import { hashOf } from '../protocol/scene.ts'

const at = (number: bigint) => ({ number, hash: hashOf(number) })
const all: Abilities = { host: true, restore: false, empty: true, setHead: true, fillable: true }
const none: Abilities = { host: false, restore: false, empty: false, setHead: false, fillable: false }
const reth: Abilities = { ...all, restore: true, empty: false, setHead: false }
const lost: Damage = { kind: 'state-lost', latest: at(0n), stored: at(1n), missing: 60n }
const short: Damage = { kind: 'execution-short', latest: at(34n), named: at(60n), missing: 26n }
const behind = (number: bigint): Damage => ({
  kind: 'behind',
  latest: at(number),
  missing: 60n - number,
  consensus: true,
})

/** The methods tried if none of them changes anything. */
function attempts(damage: Damage, able: Abilities): string[] {
  const tried: Tried[] = []
  for (;;) {
    const method = nextRemedy(damage, able, tried)
    if (method === undefined) return tried.map((one) => one.method)
    tried.push({ method, kind: damage.kind, at: 'latest' in damage ? damage.latest.number : 0n })
    if (tried.length > 20) throw new Error('it never ends')
  }
}

test.each<[Damage, Abilities, string[]]>([
  [lost, all, ['cut-tail', 'empty-execution']],
  [lost, { ...all, setHead: false }, ['empty-execution']],
  [lost, { ...all, host: false }, ['cut-tail']],
  [lost, none, []],
  [behind(3n), all, ['fill', 'restart-execution', 'fill', 'restart-consensus', 'fill', 'empty-execution', 'fill']],
  [behind(3n), { ...none, fillable: true }, ['fill']],
  [short, none, ['reset-derivation']],
  [short, all, ['reset-derivation', 'restart-consensus', 'restart-execution']],
  [lost, reth, ['restore-execution']],
  [lost, { ...all, restore: true, setHead: false }, ['restore-execution', 'empty-execution']],
  [behind(3n), reth, ['fill', 'restart-execution', 'fill', 'restart-consensus', 'fill', 'restore-execution', 'fill']],
  [{ kind: 'execution-down' }, none, ['wait']],
  [{ kind: 'consensus-down', latest: at(60n) }, all, ['wait', 'restart-consensus', 'wait']],
  [{ kind: 'forked', number: 5n, hash: hashOf(5n, 1), committed: hashOf(5n) }, all, []],
  [{ kind: 'none', latest: at(60n) }, all, []],
])('$0.kind with $1: $2', (damage, able, methods) => {
  expect(attempts(damage, able)).toEqual(methods)
  expect(remediesFor(damage, able).flatMap(({ method, obstacle }) => (obstacle ? [] : [method]))).toEqual([
    ...new Set(methods),
  ])
})

test('giving blocks is worth it again while the node gets further by it, and after each restart', () => {
  const tried: Tried[] = [{ method: 'fill', kind: 'behind', at: 3n }]
  expect(nextRemedy(behind(20n), all, tried)).toBe('fill')
  expect(nextRemedy(behind(3n), all, tried)).toBe('restart-execution')
  expect(nextRemedy(behind(2n), all, tried), 'it fell back').toBe('restart-execution')
  const restarted: Tried[] = [...tried, { method: 'restart-execution', kind: 'behind', at: 3n }]
  expect(nextRemedy(behind(3n), all, restarted)).toBe('fill')
})

test('nothing drastic is done twice, whatever is found in between', () => {
  const kinds: Damage[] = [lost, behind(3n), { kind: 'execution-down' }, { kind: 'foreign', hash: hashOf(0n, 1) }]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 60 }), (found) => {
      const tried: Tried[] = []
      for (const damage of found) {
        const method = nextRemedy(damage, all, tried)
        if (method) tried.push({ method, kind: damage.kind, at: 'latest' in damage ? damage.latest.number : 0n })
      }
      const drastic = tried.filter(({ method }) => method === 'empty-execution').map(({ kind }) => kind)
      expect(new Set(drastic).size).toBe(drastic.length)
    }),
  )
})
