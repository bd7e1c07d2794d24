import { afterEach, beforeEach, expect, test } from 'vitest'
import { surveyChain } from '../../lib/operations/disaster/survey.ts'
import { formatSurvey } from '../../lib/operations/disaster/text.ts'
import { type RelayedStage, relayedStage } from './relayed-stage.ts'

let set: RelayedStage
beforeEach(async () => {
  set = await relayedStage()
})
afterEach(() => set.close())

type Status = { current_l1: { number: number }; head_l1: { number: number } }

/** The node knows L1 far beyond what it has derived. */
const deriving = (status: unknown) => {
  const { current_l1, head_l1, ...rest } = status as Status
  return { ...rest, current_l1, head_l1: { ...head_l1, number: current_l1.number + 500 } }
}

test('a chain is not taken over while one of its nodes derives it, nor has any block the votes; afterwards it is', async () => {
  const { stage, at } = set
  if (at.bob) at.bob.consensus.edit.optimism_syncStatus = deriving
  const monitor = stage.monitor()
  const waits = () => String(monitor.latest()?.decision.reasons[0]?.evidence.message)
  await stage.until('it waits for bob', () => /^bob has derived L1 up to \d+ of \d+$/.test(waits()))
  await stage.ports.clock.sleep(2_000)
  expect(await stage.ports.heads.read('901')).toBeUndefined()
  const survey = await surveyChain(stage.ports)
  expect(survey.best).toBeUndefined()
  expect(formatSurvey(survey)).toContain('bob has derived L1 up to')
  if (at.bob) delete at.bob.consensus.edit.optimism_syncStatus
  await stage.leads((leader) => leader === 'ada')
})
