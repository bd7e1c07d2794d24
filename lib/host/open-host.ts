import { signedFetch } from '../aws/signed-fetch.ts'
import { HostUnreachable } from './errors.ts'
import type { Host } from './host.ts'
import { shellHost } from './shell.ts'
import { ssmHost } from './ssm.ts'
import { type StackName, stacks } from './stacks.ts'
import type { CommandLine } from './step.ts'

/** How a node's machine is reached, as configured. */
export type HostConfig =
  | {
      readonly kind: 'shell'
      readonly stack: StackName
      readonly commands?: Readonly<Record<string, CommandLine>>
    }
  | {
      readonly kind: 'ssm'
      readonly stack: StackName
      /** EC2 instance (`i-…`) or managed node (`mi-…`). */
      readonly instance: string
      /** What the names of our documents begin with. */
      readonly documents: string
      /** Absent = the region Baton runs in. */
      readonly region?: string
    }

/**
 * The host of a node, as its configuration says.
 *
 * @throws HostUnreachable when no region is known for Systems Manager.
 */
export function openHost(config: HostConfig): Host {
  const stack = stacks[config.stack]
  if (config.kind === 'shell') {
    const { commands } = config
    return shellHost({ name: config.stack, stack, ...(commands && { commands }) })
  }
  const { stack: stackName, instance, documents, region = process.env.AWS_REGION } = config
  if (region === undefined) {
    throw new HostUnreachable('any step', 'no AWS region is known', 'Set host.region, or the variable AWS_REGION.')
  }
  const send = signedFetch({ service: 'ssm', region, timeoutMs: 5_000 })
  return ssmHost({ stackName, stack, instance, documents, send })
}
