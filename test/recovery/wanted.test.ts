import { expect, test } from 'vitest'
import { mayRepair } from '../../lib/operations/crash-recovery/requests.ts'
import type { Verdict } from '../../lib/protocol/decision.ts'
import { type Reason, reason } from '../../lib/protocol/reason.ts'
import { lease, T } from '../protocol/scene.ts'

const short = (ms: number) => reason('execution-short', { short: '26', latest: '74', number: '100', ms }, 'b')
const fell = reason('head-fell', { number: '74', peak: '100', ms: 15_000 }, 'b')
const verdict = (...damage: Reason[]): Verdict => ({ node: 'b', role: 'unfit', eligible: false, reasons: [], damage })

test('a client that is merely short is the monitor’s to free; what outlasts that is a recovery’s', () => {
  expect(mayRepair(verdict(short(3_000)), lease(), T)).toBe(false)
  expect(mayRepair(verdict(short(14_999)), lease(), T)).toBe(false)
  expect(mayRepair(verdict(short(15_000)), lease(), T)).toBe(true)
  expect(mayRepair(verdict(short(3_000), fell), lease(), T)).toBe(true)
  expect(mayRepair(verdict(short(60_000)), lease({ mode: 'paused' }), T)).toBe(false)
  expect(mayRepair({ ...verdict(short(60_000)), role: 'leading' }, lease(), T)).toBe(false)
})
