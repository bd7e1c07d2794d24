import { type AwsAccess, signedFetch } from '../aws/signed-fetch.ts'
import type { Host } from './host.ts'
import { shellHost } from './shell.ts'
import { ssmHost } from './ssm.ts'
import { type StackName, stacks } from './stacks.ts'
import type { CommandLine, Stack } from './step.ts'

/** How a node's machine is reached, as configured. */
export type HostConfig =
  | {
      readonly kind: 'shell'
      readonly stack: StackName
      /** The machine has a program that restores a snapshot: `restore-execution`. */
      readonly restore?: boolean
      readonly commands?: Readonly<Record<string, CommandLine>>
    }
  | {
      readonly kind: 'ssm'
      readonly stack: StackName
      readonly restore?: boolean
      /** EC2 instance (`i-…`) or managed node (`mi-…`). */
      readonly instance: string
      /** What the names of our documents begin with. */
      readonly documents: string
      /** Absent = the region Baton runs in, or the AWS CLI's. */
      readonly region?: string
    }

/**
 * The host of a node, as its configuration says. How AWS is reached is found out with the first step, since most
 * who open a host run none; without `aws` by the region and credentials of the environment.
 */
export function openHost(config: HostConfig, aws?: AwsAccess): Host {
  const stack = stepsOf(config)
  if (config.kind === 'shell') {
    const { commands } = config
    return shellHost({ name: config.stack, stack, ...(commands && { commands }) })
  }
  const { stack: stackName, instance, documents, region } = config
  const send = signedFetch({ service: 'ssm', region, timeoutMs: 5_000, aws })
  return ssmHost({ stackName, stack, instance, documents, send })
}

/** The steps of its kind of node; the one that restores a snapshot only where the machine has the program for it. */
function stepsOf(config: HostConfig): Stack {
  const { stack, restore = config.kind === 'shell' && config.commands?.['restore-execution'] !== undefined } = config
  const { 'restore-execution': restoring, ...steps }: Stack = stacks[stack]
  return restore && restoring ? { ...steps, 'restore-execution': restoring } : steps
}
