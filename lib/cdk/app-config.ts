import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { ConfigurationError, type ConfigurationProblem, parseJson, quote } from '../config/error.ts'
import { bracketed } from '../config/rules.ts'
import { readWritten } from '../config/written.ts'
import { MOST_TOPICS } from './alarms/alarm-topics.ts'
import { appSchema, expectedOfApp, type WrittenApp } from './app-schema.ts'
import { type ChainSettings, checkChainSettings } from './chain-settings.ts'
import { checkLimits } from './check-limits.ts'
import { checkExistingStore } from './existing-store.ts'
import { checkResequenceSettings, type ResequenceSettings } from './resequence-settings.ts'

/** The configuration of a deployment, complete and validated. */
export type AppConfig = Omit<WrittenApp, 'chains' | 'zkChains'> & {
  readonly chains: readonly ChainSettings[]
  /** Chains that can be re-sequenced; Baton is not their conductor. */
  readonly zkChains: readonly ResequenceSettings[]
}

/**
 * Reads the configuration of a deployment.
 *
 * @throws ConfigurationError naming every invalid field and its expected value.
 */
export function readAppConfig(path: string): AppConfig {
  try {
    return readWritten(readFileSync(path, 'utf8'), path, (json) => parseAppConfig(json, path))
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const write = 'one like samples/baton.config.json, or name another with -c config=FILE'
    throw new ConfigurationError(path, [{ path: '', problem: 'there is no such file to read', write }], error)
  }
}

/** Parses the configuration of a deployment. Throws as {@link readAppConfig}. */
export function parseAppConfig(json: string, source = 'the configuration'): AppConfig {
  const read = v.safeParse(appSchema, parseJson(json, source))
  if (!read.success) throw new ConfigurationError(source, read.issues.map(problemOf))
  const { chains, zkChains, ...rest } = read.output
  const settings = chains as unknown as readonly ChainSettings[]
  const zkSettings = zkChains as unknown as readonly ResequenceSettings[]
  const problems = [
    ...settings.flatMap((chain, i) => problemsAt(`chains[${i}]`, () => checkChainSettings(chain, ''))),
    ...zkSettings.flatMap((chain, i) => problemsAt(`zkChains[${i}]`, () => checkResequenceSettings(chain, ''))),
    ...twins('chains', settings),
    ...twins('zkChains', zkSettings),
    ...checkPlaces(read.output),
    ...checkExistingStore(read.output),
    ...checkLimits(read.output, settings),
  ]
  if (problems.length > 0) throw new ConfigurationError(source, problems)
  return { ...rest, chains: settings, zkChains: zkSettings }
}

function problemsAt(place: string, check: () => void): readonly ConfigurationProblem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.problems.map(({ path, ...rest }) => ({ ...rest, path: path === '' ? place : `${place}.${path}` }))
  }
}

function twins(list: string, chains: readonly { readonly chain: { readonly id: number } }[]): ConfigurationProblem[] {
  const ids = chains.map(({ chain }) => chain?.id)
  return ids.flatMap((id, i) => {
    const first = ids.indexOf(id)
    if (id === undefined || first === i) return []
    const write = 'each chain once, with its own id'
    return [{ path: `${list}[${i}].chain.id`, problem: `${id} is also the id of ${list}[${first}]`, write }]
  })
}

/** Finds fields that contradict each other. */
function checkPlaces({
  gate,
  network,
  globalHeads,
  region,
  alarms,
  store,
  monitor,
  monitorMemory,
}: WrittenApp): ConfigurationProblem[] {
  const problem = (path: string, what: string, write = expectedOfApp[path] ?? '') => [{ path, problem: what, write }]
  return [
    ...(gate.access === 'private-api' && !network ? problem('network', 'is missing: a private API needs a VPC') : []),
    ...(gate.access === 'private-api' && gate.endpoint === undefined && gate.clients.length === 0
      ? problem('gate.clients', 'is empty: no op-node could call the gate')
      : []),
    ...(monitor === 'hosts' && gate.access !== 'sidecar'
      ? problem('monitor', 'is "hosts" beside a gate in Lambda', 'either "gate": {"access": "sidecar"} or no "monitor"')
      : []),
    ...(monitor === 'hosts' && monitorMemory !== undefined
      ? problem('monitorMemory', 'is for a monitor in Lambda', 'nothing: with "monitor": "hosts" there is none')
      : []),
    ...(network?.endpoints.some((name) => name !== 'ssm') && network.routeTables.length === 0
      ? problem('network.routeTables', 'is empty')
      : []),
    ...(['page', 'ticket', 'note'] as const).flatMap((severity) =>
      (alarms[severity] ?? []).filter((target) => target.startsWith('arn:')).length > MOST_TOPICS
        ? problem(`alarms.${severity}`, `names more than ${MOST_TOPICS} topics`)
        : [],
    ),
    ...(globalHeads && store
      ? problem('globalHeads', 'is not for tables that exist', 'either "globalHeads" or "store"')
      : []),
    ...(globalHeads && region === undefined ? problem('region', 'is missing: a global table must know its own') : []),
    ...(globalHeads && globalHeads.replicas.length + (globalHeads.witness === undefined ? 0 : 1) !== 2
      ? problem('globalHeads', 'does not name two other regions')
      : []),
    ...(globalHeads && !oneSet([region, ...globalHeads.replicas, globalHeads.witness])
      ? problem('globalHeads', 'names regions that cannot form one table', oneOfSets())
      : []),
  ]
}

/** The sets of regions within which AWS keeps a strongly consistent table. */
const REGION_SETS = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
]

function oneSet(regions: readonly (string | undefined)[]): boolean {
  const named = regions.filter((region) => region !== undefined)
  return REGION_SETS.some((set) => named.every((region) => set.includes(region)))
}

const oneOfSets = () => `all regions from one of these sets: ${REGION_SETS.map((set) => set.join(', ')).join('; ')}`

function problemOf(issue: v.BaseIssue<unknown>): ConfigurationProblem {
  const path = v.getDotPath(issue) ?? ''
  const parent = path.split('.').slice(0, -1).join('.')
  const write = expectedAt(path) ?? expectedAt(parent) ?? issue.message
  if (issue.expected === 'never') {
    return { path: bracketed(path), problem: 'there is no such field', write: expectedAt(parent) ?? write }
  }
  const problem = issue.received === 'undefined' ? 'is missing' : `${quote(issue.input)} is not allowed`
  return { path: bracketed(path), problem, write }
}

function expectedAt(path: string): string | undefined {
  return expectedOfApp[path.replace(/\.\d+(?=\.|$)/g, '.*')]
}
