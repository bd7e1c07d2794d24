import { stacks } from '../host/stacks.ts'
import type { Stack } from '../host/step.ts'
import { defaultPolicy, type Policy, pollTimesOf } from '../protocol/policy.ts'
import type { ConfigurationProblem } from './error.ts'
import { expectedAt } from './expected.ts'
import type { WrittenConfig } from './schema.ts'

type Found = (path: string, problem: string) => void

/** The block time in ms, given in either unit; `undefined` when it is given in both or none. */
export function blockTimeOf({ blockTime, blockTimeMs }: WrittenConfig['chain']): number | undefined {
  if (blockTime === undefined) return blockTimeMs
  return blockTimeMs === undefined ? Math.round(blockTime * 1000) : undefined
}

/** The policy of a chain with this block time. */
export function policyOf(written: WrittenConfig['policy'], blockTimeMs: number): Policy {
  return { ...defaultPolicy(blockTimeMs), ...written }
}

/** The timeout of a node probe, in ms. */
export const probeTimeoutOf = ({ probeTimeoutMs }: Pick<WrittenConfig, 'probeTimeoutMs'>, policy: Policy): number =>
  probeTimeoutMs ?? pollTimesOf(policy).probeMs

/** Checks the rules that span several fields. */
export function checkRules(config: WrittenConfig): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = []
  const found: Found = (path, problem) =>
    problems.push({ path: bracketed(path), problem, write: expectedAt(path) ?? '' })

  const blockTimeMs = blockTimeOf(config.chain)
  if (blockTimeMs === undefined) {
    const given = config.chain.blockTime !== undefined
    found('chain.blockTimeMs', given ? 'is given together with blockTime' : 'is missing')
  } else {
    checkPolicy(config, policyOf(config.policy, blockTimeMs), found)
  }
  checkNodes(config.nodes, found)
  if (config.gate.port === config.page.port && config.gate.host === config.page.host) {
    found('page.port', `${config.page.port} is the gate's`)
  }
  for (const [owner, other] of Object.entries({ gate: config.gate, page: config.page })) {
    if (config.metrics.port === other.port && config.metrics.host === other.host)
      found('metrics.port', `${other.port} is the ${owner}'s`)
  }
  return problems
}

function checkPolicy(config: WrittenConfig, policy: Policy, found: Found) {
  const probeTimeoutMs = probeTimeoutOf(config, policy)
  const { blockTimeMs, slackMs } = policy
  const bound = (field: keyof Policy, ok: boolean, why: string) => {
    if (!ok) found(`policy.${field}`, `${policy[field]} ${why}`)
  }
  bound('slackMs', slackMs < blockTimeMs, `is not less than the block time of ${blockTimeMs} ms`)
  const slot = blockTimeMs + slackMs
  bound('stallMs', policy.stallMs >= slot, `is less than block time and slack (${slot} ms)`)
  bound('leaseMs', policy.leaseMs > slot, `is not more than block time and slack (${slot} ms)`)
  bound('verifyMs', policy.verifyMs >= blockTimeMs, `is less than the block time of ${blockTimeMs} ms`)
  bound('maxSwitchoverLag', policy.maxSwitchoverLag <= policy.maxLag, `is more than maxLag (${policy.maxLag})`)
  bound(
    'flashblocksSilentMs',
    policy.flashblocksSilentMs >= blockTimeMs,
    `is less than the block time of ${blockTimeMs} ms`,
  )
  bound('l1FrozenMs', policy.l1FrozenMs >= 24_000, 'is less than two L1 slots (24000 ms)')
  if (probeTimeoutMs >= policy.verifyMs) {
    found('probeTimeoutMs', `${probeTimeoutMs} is not less than verifyMs (${policy.verifyMs})`)
  }
}

function checkNodes(nodes: WrittenConfig['nodes'], found: Found) {
  const names = new Map<string, number>()
  const secrets = new Map<string, number>()
  const urls = new Map<string, number>()
  nodes.forEach(({ name, secrets: own, host, consensus, execution, engine }, i) => {
    const steps: Stack = host ? stacks[host.stack] : {}
    for (const step of host?.kind === 'shell' ? Object.keys(host.commands ?? {}) : []) {
      if (!Object.hasOwn(steps, step)) found(`nodes.${i}.host.commands`, `"${step}" is not a step of ${host?.stack}`)
    }
    const twin = names.get(name)
    if (twin !== undefined) found(`nodes.${i}.name`, `"${name}" is also the name of nodes[${twin}]`)
    names.set(name, twin ?? i)
    for (const [field, url] of Object.entries({ consensus, execution, 'engine.url': engine?.url })) {
      if (url === undefined) continue
      const { href } = new URL(url)
      const other = urls.get(href)
      // Two names for one process: Baton would stop it under one name and start it under the other.
      if (other !== undefined && other !== i) found(`nodes.${i}.${field}`, `is also a URL of nodes[${other}]`)
      urls.set(href, other ?? i)
    }
    own.forEach((secret, j) => {
      const key = typeof secret === 'string' ? secret : `{env}${secret.env}`
      const other = secrets.get(key)
      if (other !== undefined) found(`nodes.${i}.secrets.${j}`, `is also a secret of nodes[${other}]`)
      secrets.set(key, other ?? i)
    })
  })
}

/** Formats `nodes.0.zone` as `nodes[0].zone`. */
export function bracketed(path: string): string {
  return path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')
}
