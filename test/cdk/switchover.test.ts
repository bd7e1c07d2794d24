import { describe, expect, test } from 'vitest'
import { faultsOf } from '../workflows/interpret.ts'
import { synthesize } from './app.ts'
import { type Answers, definitionOf, execute } from './run-machine.ts'

const definition = definitionOf(synthesize())

const leader = { term: 4, leader: 'seq-a' }
const fit = { fit: true, reason: 'seq-b can take over from seq-a', target: 'seq-b', ...leader }
const asked = { id: 'abc', term: 4 }
const pending = { done: false, outcome: 'pending', message: 'it is pending', ...leader } as const
const committed = { done: true, outcome: 'committed', message: 'seq-b leads', term: 5, leader: 'seq-b' } as const
const verified = { leader: 'seq-b', term: 5, number: '1002' }
const happy: Answers = { check: fit, request: asked, watch: [pending, pending, committed], verify: verified }

const input = { chain: '901', to: 'seq-b', by: 'ada' }
const run = (answers: Partial<Answers> = {}, given: object = input) =>
  execute(definition, given, { ...happy, ...answers })

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
  expect(calls.map(({ step }) => step)).toEqual(['check', 'request', 'watch', 'watch', 'watch', 'verify'])
  expect(calls.at(-2)).toMatchObject({ chain: '901', to: 'seq-b', by: 'ada', id: 'abc', term: 4 })
})

test('without a target, the best standby', async () => {
  const { path, calls } = await run({}, { chain: '901', by: 'ada' })
  expect(path.at(-1)).toBe('Switched over')
  for (const { to } of calls) expect(to).toBeUndefined()
})

test('an SSM document sends an empty target: the best standby too', async () => {
  const { path, calls } = await run({}, { chain: '901', to: '', by: 'automation 1', dryRun: false })
  expect(path.at(-1)).toBe('Switched over')
  for (const { to } of calls) expect(to).toBeUndefined()
})

test('dry run: checks and asks for nothing', async () => {
  const { error, path, calls } = await run({}, { ...input, dryRun: true })
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Would switch over')
  expect(calls.map(({ step }) => step)).toEqual(['check'])
})

test('an unfit target is refused before anything is asked for, and a dry run tells so too', async () => {
  const check = { ...fit, fit: false, reason: 'seq-b is 40 blocks behind' }
  for (const given of [input, { ...input, dryRun: true }]) {
    const { error, path, calls } = await run({ check }, given)
    expect(error).toMatchObject({ name: 'SwitchoverRefused', message: 'seq-b is 40 blocks behind' })
    expect(path.at(-1)).toBe('Unfit')
    expect(calls.map(({ step }) => step)).toEqual(['check'])
  }
})

test('a request that is refused is not sent again, and the reason is told', async () => {
  const { error, path, calls } = await run({ request: named('RefusedActError', 'another one is pending') })
  expect(error).toEqual({ name: 'SwitchoverNotRequested', message: 'another one is pending' })
  expect(path.at(-1)).toBe('Not requested')
  expect(calls.filter(({ step }) => step === 'request')).toHaveLength(1)
})

test.each([
  ['refused', 'SwitchoverRefused', 'Refused'],
  ['rolled-back', 'SwitchoverRolledBack', 'Rolled back'],
] as const)('%s by the monitor', async (outcome, name, last) => {
  const watch = [pending, { done: true, outcome, message: 'the history tells why', ...leader }]
  const { error, path } = await run({ watch })
  expect(error?.name).toBe(name)
  expect(path.at(-1)).toBe(last)
})

test('nobody carries it out: it ends after a bounded number of looks', async () => {
  const { error, path, calls } = await run({ watch: pending })
  expect(error?.name).toBe('SwitchoverUnfinished')
  expect(path.at(-1)).toBe('Unfinished')
  expect(calls.filter(({ step }) => step === 'watch')).toHaveLength(60)
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
    check: [trouble, fit],
    request: [trouble, trouble, asked],
    watch: [trouble, committed],
    verify: [trouble, verified],
  })
  expect(error).toBeUndefined()
  expect(path.at(-1)).toBe('Switched over')
})

test.each([
  ['check', 'Not checked', 'SwitchoverNotChecked'],
  ['request', 'Not requested', 'SwitchoverNotRequested'],
  ['watch', 'Not watched', 'SwitchoverNotWatched'],
  ['verify', 'Not verified', 'SwitchoverNotVerified'],
] as const)('%s that keeps failing ends it, by a name of its own', async (step, last, name) => {
  const { error, path } = await run({ [step]: named('StoreUnavailableError', 'no answer within 400 ms') })
  expect(error).toEqual({ name, message: 'no answer within 400 ms' })
  expect(path.at(-1)).toBe(last)
})

test('errors that no try can heal are not tried again', async () => {
  for (const name of ['UnknownChainError', 'InvalidInputError', 'ConfigurationError', 'NotVerifiedError']) {
    const { path, calls } = await run({ check: named(name, 'no') })
    expect(path.at(-1)).toBe('Not checked')
    expect(calls).toHaveLength(1)
  }
})
