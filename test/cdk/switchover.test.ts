import { describe, expect, test } from 'vitest'
import { readInput } from '../../lib/operations/engine/errors.ts'
import { switchoverInput } from '../../lib/operations/switchover/document.ts'
import { faultsOf } from '../operations/interpret.ts'
import { synthesize } from './app.ts'
import { type Answers, definitionOf, execute } from './run-machine.ts'

const definition = definitionOf(synthesize())

const took = (outcome: string, text = '', state = {}) => ({ outcome, text, state })
const fit = took('fit', 'seq-b can take over from seq-a')
const asked = took('asked', '', { id: 'abc', term: 4 })
const pending = took('pending', '', { id: 'abc', term: 4 })
const committed = took('moved', '', { id: 'abc', term: 4 })
const verified = took('verified')
const happy: Answers = { Check: fit, Request: asked, Watch: [pending, pending, committed], Verify: verified }

const input = { chain: '901', to: 'seq-b', by: 'ada' }
const run = (answers: Answers = {}, given: object = input) => execute(definition, given, { ...happy, ...answers })

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

describe('the definition', () => {
  test('is valid', () => {
    // It writes its defaults into what it checks.
    expect(faultsOf(definition)).toEqual([])
  })

  test('uses neither JSONata nor variables: the local interpreter would ignore them', () => {
    expect(JSON.stringify(definition)).not.toMatch(/"(QueryLanguage|Assign|Arguments|Output)"|\{%|"\$[a-z]/)
  })

  test('bounds every wait: each task has a time-out, tries and a way out', () => {
    expect(definition.TimeoutSeconds).toBeGreaterThan(0)
    for (const state of Object.values(definition.States)) {
      if (state.Type !== 'Task') continue
      expect(state.TimeoutSeconds).toBeLessThan(definition.TimeoutSeconds)
      expect(state.Retry.length).toBeGreaterThan(0)
      expect(state.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'] })
    }
  })
})

test('moves: checks, asks, watches until the target commits, and verifies', async () => {
  const { error, path, calls } = await run()
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Switched over')
  expect(calls.map(({ step }) => step)).toEqual(['Check', 'Request', 'Watch', 'Watch', 'Watch', 'Verify'])
  expect(calls.at(-2)).toMatchObject({ input, state: { id: 'abc', term: 4 } })
  expect(new Set(calls.map(({ owner }) => owner)).size).toBe(1)
})

test('without a target, the best standby', async () => {
  const { path, calls } = await run({}, { chain: '901', by: 'ada' })
  expect(path.at(-1)).toBe('Switched over')
  for (const call of calls) expect(readInput(switchoverInput, call.input).to).toBeUndefined()
})

test('an SSM document sends an empty target: the best standby too', async () => {
  const { path, calls } = await run({}, { chain: '901', to: '', by: 'automation 1', dryRun: false })
  expect(path.at(-1)).toBe('Switched over')
  for (const call of calls) expect(readInput(switchoverInput, call.input).to).toBeUndefined()
})

test('dry run: checks and asks for nothing', async () => {
  const { error, path, calls } = await run({}, { ...input, dryRun: true })
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Would switch over')
  expect(calls.map(({ step }) => step)).toEqual(['Check'])
})

test('an unfit target is refused before anything is asked for, and a dry run tells so too', async () => {
  const Check = took('unfit', 'seq-b is 40 blocks behind')
  for (const given of [input, { ...input, dryRun: true }]) {
    const { error, path, calls } = await run({ Check }, given)
    expect(error).toMatchObject({ name: 'SwitchoverRefused', message: 'seq-b is 40 blocks behind' })
    expect(path.at(-1)).toBe('Unfit')
    expect(calls.map(({ step }) => step)).toEqual(['Check'])
  }
})

test('a request that is refused is not sent again, and the reason is told', async () => {
  const { error, path, calls } = await run({ Request: named('RefusedActError', 'another one is pending') })
  expect(error).toEqual({ name: 'SwitchoverNotRequested', message: 'another one is pending' })
  expect(path.at(-1)).toBe('Not requested')
  expect(calls.filter(({ step }) => step === 'Request')).toHaveLength(1)
})

test.each([
  ['refused', 'SwitchoverRefused', 'Refused'],
  ['rolled-back', 'SwitchoverRolledBack', 'Rolled back'],
] as const)('%s by the monitor', async (outcome, name, last) => {
  const Watch = [pending, took(outcome)]
  const { error, path } = await run({ Watch })
  expect(error?.name).toBe(name)
  expect(path.at(-1)).toBe(last)
})

test('nobody carries it out: it ends after a bounded number of looks', async () => {
  const { error, path, calls } = await run({ Watch: pending })
  expect(error?.name).toBe('SwitchoverUnfinished')
  expect(path.at(-1)).toBe('Unfinished')
  expect(calls.filter(({ step }) => step === 'Watch')).toHaveLength(60)
})

test.each([
  'StoreUnavailableError',
  'Lambda.TooManyRequestsException',
  'States.Timeout',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
])('%s is tried again', async (name) => {
  const trouble = named(name, 'a bad moment')
  const { error, path } = await run({
    Check: [trouble, fit],
    Request: [trouble, trouble, asked],
    Watch: [trouble, committed],
    Verify: [trouble, verified],
  })
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Switched over')
})

test.each([
  ['Check', 'Not checked', 'SwitchoverNotChecked'],
  ['Request', 'Not requested', 'SwitchoverNotRequested'],
  ['Watch', 'Not watched', 'SwitchoverNotWatched'],
  ['Verify', 'Not verified', 'SwitchoverNotVerified'],
] as const)('%s that keeps failing ends it, by a name of its own', async (step, last, name) => {
  const { error, path } = await run({ [step]: named('StoreUnavailableError', 'no answer within 400 ms') })
  expect(error).toEqual({ name, message: 'no answer within 400 ms' })
  expect(path.at(-1)).toBe(last)
})

test('errors that no try can heal are not tried again', async () => {
  for (const name of ['UnknownChainError', 'InvalidInputError', 'ConfigurationError', 'NotVerifiedError']) {
    const { path, calls } = await run({ Check: named(name, 'no') })
    expect(path.at(-1)).toBe('Not checked')
    expect(calls).toHaveLength(1)
  }
})
