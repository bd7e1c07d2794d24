import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { judgeL1 } from '../../lib/protocol/judge-l1.ts'
import type { L1View } from '../../lib/protocol/l1.ts'
import { brief, hashOf, type Scene, T, view } from '../protocol/scene.ts'

/** The scene's head and safe block have L1 block 10 as origin. */
const origin = { number: 10n, hash: hashOf(10n, 9), timestamp: BigInt(T / 1000) - 4n }
const tip = { number: 100n, timestamp: BigInt(T / 1000), l1Origin: { number: 10n, hash: hashOf(10n, 9) } }
const limits = { window: 3_600n, maxDriftS: 1_800, slotMs: 12_000 }

function seen(l1: Partial<L1View> & { l1Head?: bigint } = {}, scene: Scene = {}): View {
  const { l1Head = 11n, ...rest } = l1
  const look = {
    at: T + 500,
    head: { number: l1Head, hash: hashOf(l1Head, 9), timestamp: BigInt(T / 1000) },
    tip: { block: tip, origin },
  }
  const nodes = { a: { l1: { number: l1Head } }, b: { l1: { number: l1Head } }, c: { l1: { number: l1Head } } }
  return view({ ...nodes, ...scene, view: { l1: { limits, sample: look, ...rest }, ...scene.view } })
}

describe('the sequencing window', () => {
  test('the example of the incident notes: 2369 blocks, 7.9 hours', () => {
    const at = seen({ l1Head: 1_240n }, {})
    expect(judgeL1(at)?.window?.leftMs).toBe(2_369 * 12_000)
    expect(brief(decide(at))).toMatchObject({ condition: 'ok' })
  })

  test.each([
    [10n + 899n, 'ok', []],
    [10n + 900n, 'ok', ['window-closing']],
    [10n + 1_799n, 'ok', ['window-closing']],
    [10n + 1_800n, 'degraded', ['window-closing']],
    [10n + 3_599n, 'degraded', ['window-over']],
  ] as const)('L1 at %s: %s %s', (l1Head, condition, reasons) => {
    const decision = decide(seen({ l1Head }))
    expect(decision.l1?.reasons.map(({ code }) => code)).toEqual(reasons)
    expect(decision.condition).toBe(condition)
    expect(decision.page.map(({ code }) => code)).toEqual(condition === 'ok' ? [] : reasons)
  })

  test('nothing is at stake while every committed block is on L1', () => {
    const safe = { number: 90n }
    const at = seen({ l1Head: 3_000n }, { head: { number: safe.number } })
    expect(judgeL1(at)).toMatchObject({ safeLag: 0n, reasons: [] })
  })

  test('while our endpoint fails, L1 is counted on by the clock', () => {
    const failing = seen({ failure: { since: T, message: 'no' } }, { after: 600_500 })
    expect(judgeL1(failing)?.window?.leftMs).toBe((3_600 - 1 - 1 - 50) * 12_000)
    expect(judgeL1(failing)?.reasons.map(({ code }) => code)).toContain('l1-rpc-down')
  })
})

describe('the drift', () => {
  test('is what lies between the next block and the L1 origin', () => {
    expect(judgeL1(seen())?.drift).toEqual({ leftMs: (1_800 - 4 - 2) * 1_000, used: 6 / 1_800 })
  })

  test('shrinks with each block on the same origin, though L1 was not looked at again', () => {
    const later = seen({}, { head: { number: 400n, timestamp: BigInt(T / 1000) + 600n } })
    expect(judgeL1(later)?.drift?.leftMs).toBe((1_800 - 600 - 6) * 1_000)
    expect(judgeL1(later)?.reasons.map(({ code }) => code)).toContain('drift-closing')
  })

  test('of a head with a newer origin is that of the last look', () => {
    const l1Origin = { number: 40n, hash: hashOf(40n, 9) }
    const later = seen({}, { head: { number: 400n, timestamp: BigInt(T / 1000) + 600n, l1Origin } })
    expect(judgeL1(later)?.drift?.leftMs).toBe((1_800 - 6) * 1_000)
  })
})

describe('who pays', () => {
  const batcher = (balance: bigint, spentPerHour: bigint) => ({
    address: '0xba7c',
    balanceWei: balance,
    spent: { wei: spentPerHour, spanMs: 3_600_000 },
  })
  test.each([
    [100n, 10n, undefined, 'ok'],
    [240n, 10n, undefined, 'ok'],
    [239n, 10n, 'poster-poor', 'ok'],
    [59n, 10n, 'poster-poor', 'degraded'],
    [0n, 0n, 'poster-empty', 'degraded'],
    [5n, 0n, undefined, 'ok'],
  ])('balance %s, spending %s an hour: %s', (balance, spent, code, condition) => {
    const scale = balance === 100n ? 10n : 1n
    const base = seen()
    const look = base.l1?.sample && { ...base.l1.sample, batcher: batcher(balance * scale, spent) }
    const decision = decide(seen(look ? { sample: look } : {}))
    expect(decision.l1?.reasons.map((reason) => reason.code)).toEqual(code ? [code] : [])
    expect(decision.condition).toBe(condition)
  })
})

describe('shared causes', () => {
  const old = { l1: { ageMs: 130_000 } }
  test('L1 stands still for the nodes and for us', () => {
    const base = seen()
    const head = { number: 50n, hash: hashOf(50n), timestamp: BigInt(T / 1000) - 130n }
    const look = base.l1?.sample && { ...base.l1.sample, head }
    const decision = decide(seen(look ? { sample: look } : {}, { a: old, b: old, c: old }))
    expect(brief(decision)).toMatchObject({ condition: 'ok', shared: 'l1-frozen' })
  })

  test('only for the nodes: their endpoint does', () => {
    expect(brief(decide(seen({}, { a: old, b: old, c: old })))).toMatchObject({ shared: 'l1-endpoint' })
  })

  test('L1 replaced the origin of the head', () => {
    const base = seen()
    const tipNow = { block: tip, origin: { ...origin, hash: hashOf(10n, 3) } }
    const look = base.l1?.sample && { ...base.l1.sample, tip: tipNow }
    expect(brief(decide(seen(look ? { sample: look } : {})))).toMatchObject({ shared: 'l1-reorg' })
  })
})
