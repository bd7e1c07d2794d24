import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commands } from '../../bin/cli.ts'
import type { Snapshot } from '../../lib/context/inspect.ts'
import { controlsOf } from '../../lib/operator/controls.ts'
import { type Reason, type ReasonCode, reason, reasonTexts } from '../../lib/protocol/reason.ts'
import { doThis } from '../../lib/text/do-this.ts'
import { happy, paused, sharedCause } from './snapshots.ts'

const runbooks = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8')
const anchors = [...runbooks.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
)

const evidence = { by: 'grace', address: '0xabc', message: 'm' }
const withPage = (snapshot: Snapshot, ...page: readonly Reason[]): Snapshot => ({
  ...snapshot,
  decision: { ...snapshot.decision, condition: 'halted', page },
})

describe('what to do', () => {
  test.each(Object.keys(reasonTexts) as ReasonCode[])('%s leads to a section of the runbooks', (code) => {
    const steps = doThis(withPage(happy, reason(code, evidence, 'seq-a')))
    expect(steps.length).toBeGreaterThan(0)
    for (const { todo, command, runbook } of steps) {
      expect(anchors).toContain(runbook)
      expect(todo).not.toMatch(/undefined|\.$/)
      if (command !== undefined) expect(Object.keys(commands)).toContain(command.split(' ')[1])
    }
  })

  test('no standby: each node that could be one, the quickest first, with its act', () => {
    const [a, b, c] = happy.decision.verdicts
    if (!a || !b || !c) throw new Error('three verdicts')
    const verdicts = [
      { ...a, role: 'down' as const, eligible: false, reasons: [reason('consensus-refused', {}, 'seq-a')] },
      { ...b, eligible: false, reasons: [reason('execution-silent', { ageMs: 9_000 }, 'seq-b')] },
      { ...c, eligible: false, reasons: [reason('quarantined', { by: 'grace', why: 'disk' }, 'seq-c')] },
    ]
    const page = [reason('no-candidate')]
    const steps = doThis({ ...happy, decision: { ...happy.decision, condition: 'halted', verdicts, page } })
    expect(steps.map(({ todo }) => todo)).toEqual([
      'Ask grace whether seq-c is fit again, then release it',
      'Restart op-node on seq-a',
      'Restart the execution client on seq-b',
    ])
    expect(steps[0]).toMatchObject({ command: 'baton quarantine seq-c --lift', act: { act: 'release' } })
  })

  test('a node that pages by itself has its step there, and a symptom has none beside its cause', () => {
    const [a, b] = happy.decision.verdicts
    if (!a || !b) throw new Error('two verdicts')
    const refused = reason('consensus-refused', {}, 'seq-a')
    const verdicts = [
      { ...a, eligible: false, reasons: [refused] },
      { ...b, eligible: false, reasons: [reason('quarantined', { by: 'grace', why: 'disk' }, 'seq-b')] },
    ]
    const late = reason('late', { number: '7', lateMs: 9_000 }, 'seq-a')
    const about = (page: readonly Reason[], reported: typeof verdicts = verdicts) =>
      doThis({ ...happy, decision: { ...happy.decision, condition: 'halted', verdicts: reported, page } })
    expect(about([reason('no-candidate'), refused, late]).map(({ why, todo }) => [why, todo])).toEqual([
      ['no eligible standby', 'Ask grace whether seq-b is fit again, then release it'],
      ['seq-a: the consensus client refuses connections', 'Restart op-node on seq-a'],
    ])
    expect(about([late])).toHaveLength(1)
    expect(about([reason('no-candidate'), refused], verdicts.slice(0, 1)).map(({ why }) => why)).toContain(
      'no eligible standby',
    )
  })

  test('each thing is said once', () => {
    const frozen = reason('l1-frozen', { ageS: 184 })
    expect(doThis(withPage(sharedCause, frozen, frozen))).toHaveLength(1)
  })

  test('the act of a pause is one that its button offers', () => {
    const [step] = doThis(withPage(paused, reason('paused', { by: 'grace' })))
    expect(step).toMatchObject({ command: 'baton resume', act: { act: 'resume', input: {} } })
    expect(controlsOf(paused.view).chain.filter(({ disabled }) => !disabled)).toContainEqual(
      expect.objectContaining(step?.act),
    )
  })
})
