import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../../host/host.ts'
import { checkParameters, rules, type Stack, stepOf } from '../../host/step.ts'
import type { SimulatedNode } from './node.ts'

const step = (what: string) => ({ what, lines: [], timeoutMs: 10_000 })

/** How long a process is away when it is restarted: as on a real machine, others see it. */
const AWAY_MS = 250

/** What the machine of a simulated node can do. */
const stack = {
  'start-consensus': step('starts its consensus client'),
  'stop-consensus': step('ends its consensus client'),
  'restart-consensus': step('ends its consensus client and starts it'),
  'start-execution': step('starts its execution client'),
  'stop-execution': step('ends its execution client'),
  'restart-execution': step('ends its execution client and starts it'),
  upgrade: {
    ...step('restarts both clients, which then say they are of that version'),
    parameters: { version: rules.version },
  },
} as const satisfies Stack

/** The machine of a simulated node: prepared steps, as on a real one. */
export function simulatedHost(node: SimulatedNode): Host {
  return {
    offers: (name) => Object.hasOwn(stack, name),
    async run(name, parameters = {}) {
      checkParameters(name, stepOf('a simulated node', stack, name), parameters)
      const began = performance.now()
      if (name === 'upgrade') {
        await node.kill('host')
        node.version = parameters.version
        await sleep(AWAY_MS)
        await node.restart('host')
      } else {
        const [verb, part] = name.split('-') as ['start' | 'stop' | 'restart', 'consensus' | 'execution']
        if (verb !== 'start') await node.kill(part)
        if (verb === 'restart') await sleep(AWAY_MS)
        if (verb !== 'stop') await node.restart(part)
      }
      return { step: name, exitCode: 0, stdout: '', stderr: '', ms: Math.round(performance.now() - began) }
    },
  }
}
