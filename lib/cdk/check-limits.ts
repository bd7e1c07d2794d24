import type { ConfigurationProblem } from '../config/error.ts'
import { expectedOfApp, type WrittenApp } from './app-schema.ts'
import { MOST } from './chain-registry.ts'
import type { ChainSettings } from './chain-settings.ts'

/** Finds what AWS refuses in the middle of a deploy: networks, topics and numbers that cannot be. */
export function checkLimits(app: WrittenApp, chains: readonly ChainSettings[]): ConfigurationProblem[] {
  return [...checkSubnets(app), ...checkTopics(app), ...checkNumbers(chains)]
}

function checkSubnets({ network, gate, region }: WrittenApp): ConfigurationProblem[] {
  const { subnets = [], endpoints = [] } = network ?? {}
  const makesEndpoint = endpoints.includes('ssm') || (gate.access === 'private-api' && gate.endpoint === undefined)
  return subnets.flatMap(({ id, zone }, i) => {
    const path = `network.subnets[${i}]`
    const write = expectedOfApp['network.subnets.*.zone'] ?? ''
    const twin = subnets.findIndex((other) => other.id === id)
    if (twin < i)
      return [{ path: `${path}.id`, problem: `"${id}" is also network.subnets[${twin}]`, write: 'each subnet once' }]
    const elsewhere = region !== undefined && zone.slice(0, -1) !== region
    if (elsewhere) return [{ path: `${path}.zone`, problem: `"${zone}" is not a zone of ${region}`, write }]
    const first = subnets.findIndex((other) => other.zone === zone)
    if (first === i || !makesEndpoint) return []
    const problem = `"${zone}" is also the zone of network.subnets[${first}], and a VPC endpoint has one subnet of a zone`
    return [{ path: `${path}.zone`, problem, write: 'one subnet of each zone' }]
  })
}

function checkTopics({ alarms, region }: WrittenApp): ConfigurationProblem[] {
  if (region === undefined) return []
  return (['page', 'ticket', 'note'] as const).flatMap((severity) =>
    (alarms[severity] ?? []).flatMap((target, i) => {
      const [arn, , , inRegion = ''] = target.split(':')
      if (arn !== 'arn' || inRegion === region) return []
      const problem = `is a topic of ${inRegion}: an alarm notifies topics of its own region, ${region}`
      return [{ path: `alarms.${severity}[${i}]`, problem, write: expectedOfApp[`alarms.${severity}.*`] ?? '' }]
    }),
  )
}

function checkNumbers(chains: readonly ChainSettings[]): ConfigurationProblem[] {
  const nodes = chains.flatMap(({ nodes: each }): readonly unknown[] => (Array.isArray(each) ? each : [])).length
  if (chains.length <= MOST.chains && nodes <= MOST.nodes) return []
  const most = `at most ${MOST.chains} chains with ${MOST.nodes} nodes in all`
  const write = `${most}, and the others into another Baton, with a "name" of its own: a role can name no more`
  return [{ path: 'chains', problem: `has ${chains.length} chains with ${nodes} nodes`, write }]
}
