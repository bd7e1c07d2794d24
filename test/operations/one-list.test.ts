import { expect, test } from 'vitest'
import { backfill } from '../../lib/operations/backfill/operation.ts'
import { crashRecovery } from '../../lib/operations/crash-recovery/operation.ts'
import { disaster } from '../../lib/operations/disaster/operation.ts'
import type { Graph } from '../../lib/operations/engine/operation.ts'
import { failureSteps, isStep, stepsOf } from '../../lib/operations/engine/operation.ts'
import { withSteps } from '../../lib/operations/engine/procedure.ts'
import { toStateMachine } from '../../lib/operations/engine/to-state-machine.ts'
import { resequence } from '../../lib/operations/resequence/operation.ts'
import { switchover } from '../../lib/operations/switchover/operation.ts'
import { upgrade } from '../../lib/operations/upgrade/operation.ts'
import { faultsOf } from './interpret.ts'
import { task } from './run-machine.ts'

const operations: readonly Graph[] = [switchover, upgrade, crashRecovery, backfill, disaster, resequence]

/** Where a node leads. */
function nextOf(node: Graph['nodes'][string]): readonly string[] {
  if (isStep(node)) return [node.next, node.failed]
  if ('outcomes' in node) return [...Object.values(node.outcomes), node.otherwise]
  if ('given' in node) return [node.yes, node.no]
  if ('most' in node) return [node.again, node.after]
  return 'end' in node ? [] : [node.next]
}

test.each(operations.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  const { nodes, start } = operation
  const machine = toStateMachine(operation, task)
  const steps = stepsOf(operation).map(({ name }) => name)

  // The tasks an operator sees in the console are the steps that a dry run prints and the page shows.
  const tasks = Object.entries(machine.States).flatMap(([name, { Type }]) => (Type === 'Task' ? [name] : []))
  expect(tasks).toEqual(steps)
  const plan = withSteps(operation, { value: {}, text: 'x' })
  expect(
    plan.text
      .split('\n')
      .slice(2)
      .map((line) => line.trim().split(':')[0]),
  ).toEqual(steps)
  expect(plan.value).toMatchObject({ states: stepsOf(operation) })

  // It is a graph without loose ends: each state exists, each is reached, each wait is bounded.
  const reached = new Set([start])
  for (const name of reached) for (const next of nextOf(nodes[name] ?? fail(name))) reached.add(next)
  expect([...reached].toSorted()).toEqual(Object.keys(nodes).toSorted())
  expect(faultsOf(machine)).toEqual([])
  for (const name of failureSteps(nodes)) expect(steps).toContain(name)
  for (const state of Object.values(machine.States)) {
    if (state.Type !== 'Task') continue
    expect(state.TimeoutSeconds).toBeLessThan(machine.TimeoutSeconds)
    expect(state.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'] })
  }
})

function fail(name: string): never {
  throw new Error(`there is no state "${name}"`)
}
